import { seededRandom } from "../../src/testing/random.ts";

/** Uniform in 0…1. */
export function random(seed: number): () => number {
  return seededRandom(seed).next;
}

const vocabulary =
  "the of a to in and is that it was for on with as by this from they have not are which one all were when their can more has will about up out some time into only other new could these two may first then any now such like our over most even made after also did many before must through where much your way well down should because each just those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three".split(
    " ",
  );

/** Paragraphs of one to eight sentences of three to twenty-five words. */
export function paragraphs(count: number, seed = 1): string[] {
  const next = random(seed);
  const pick = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return Array.from({ length: count }, () =>
    Array.from({ length: pick(1, 8) }, () => {
      const words = Array.from({ length: pick(3, 25) }, () => vocabulary[pick(0, vocabulary.length - 1)] ?? "");
      const sentence = words.map((word, index) => (index > 0 && next() < 0.08 ? `, ${word}` : ` ${word}`)).join("");
      return `${sentence.charAt(1).toUpperCase()}${sentence.slice(2)}.`;
    }).join(" "),
  );
}
