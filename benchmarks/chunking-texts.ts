import { type Random, seededRandom } from "../src/testing/random.ts";

/** Texts that nobody wrote: words by Zipf's law, in sentences, paragraphs, lists, fences and headings. */

const documentBytes = 12_000;
const consonants = "b c d f g h k l m n p r s t v st tr ch sh pl".split(" ");
const vowels = "a e i o u ea ou io".split(" ");

export function englishTexts(bytes: number, seed: number): readonly string[] {
  const random = seededRandom(10 + seed);
  const pick = pickBy(random);
  const words = Array.from(
    { length: 12_000 },
    () =>
      Array.from({ length: 1 + random.below(4) }, () => pick(consonants) + pick(vowels)).join("") +
      pick(["", "n", "s", "r", "ly", "ed"]),
  );
  const frequent = "the of and a to in is that it for on with as are this be by from or at".split(" ");
  const word = (): string =>
    random.below(5) < 2
      ? pick(frequent)
      : (words[Math.floor(words.length ** (random.below(1000) / 1000)) - 1] ?? "the");
  const sentence = (): string => {
    const some = Array.from({ length: 5 + random.below(20) }, word).join(" ");
    return `${some.charAt(0).toUpperCase()}${some.slice(1)}${pick([".", ".", ".", "?", ", e.g. 3.5."])}`;
  };
  const paragraph = (): string => Array.from({ length: 2 + random.below(5) }, sentence).join(" ");
  const block = (): string => {
    const kind = random.below(12);
    if (kind === 0) return `## ${word()} ${word()}`;
    if (kind === 1) return Array.from({ length: 4 }, () => `- ${sentence()}`).join("\n");
    if (kind === 2) return `\`\`\`js\nconst ${word()} = ${word()}(${random.below(100)});\nreturn ${word()};\n\`\`\``;
    return paragraph();
  };
  return documents(bytes, () => `${block()}\n\n`);
}

export function chineseTexts(bytes: number, seed: number): readonly string[] {
  const random = seededRandom(11 + seed);
  const pick = pickBy(random);
  // The commonest ideographs stand near the beginning of the block; one in four is any of 3,000.
  const frequent =
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严";
  const sentence = (): string => {
    const length = 8 + random.below(30);
    const some = Array.from({ length }, () =>
      random.below(4) > 0
        ? frequent.charAt(random.below(frequent.length))
        : String.fromCodePoint(0x4e00 + random.below(3000)),
    );
    return `${some.join("")}${pick(["。", "。", "，", "！", "？"])}`;
  };
  return documents(bytes, () => `${Array.from({ length: 3 + random.below(5) }, sentence).join("")}\n\n`);
}

function pickBy(random: Random): (values: readonly string[]) => string {
  return (values) => values[random.below(values.length)] ?? "";
}

function documents(bytes: number, part: () => string): readonly string[] {
  const texts: string[] = [];
  for (let all = 0; all < bytes;) {
    let text = "";
    while (Buffer.byteLength(text) < documentBytes) text += part();
    texts.push(text);
    all += Buffer.byteLength(text);
  }
  return texts;
}

/** What has no place to cut at, or nothing but. */
const units: Readonly<Record<string, string>> = {
  Chinese: "的一是在不了有和人这",
  Korean: "가나다라마바사",
  Thai: "กขคงจฉชซ",
  a: "a",
  ab: "ab",
  zeros: "0",
  spaces: " ",
  tabs: "\t",
  "no-break spaces": "\u00a0",
  newlines: "\n",
  NUL: "\0",
  "combining marks": "\u0301",
  "zero-width joiners": "\u200d",
  "emoji ZWJ": "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d",
  quotes: '"',
  ...Object.fromEntries(Array.from("-=_*~#.`<[|/", (unit) => [unit, unit])),
  "-=": "-=",
};

/** So many bytes of each shape. */
export function shapes(bytes: number): Readonly<Record<string, string>> {
  const random = seededRandom(12);
  const blob = Buffer.from(Uint8Array.from({ length: bytes }, () => random.below(256)));
  const name = (): string => String.fromCodePoint(0x61 + random.below(26));
  const statement = (): string => `function ${name()}${random.below(999)}(e,t){return e.${name()}&&t[${name()}]||!1};`;
  return {
    ...Object.fromEntries(
      Object.entries(units).map(([shape, unit]) => [shape, unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)))]),
    ),
    base64: blob.toString("base64").slice(0, bytes),
    "hex dump": blob.toString("hex").replaceAll(/.{8}/gu, "$& ").slice(0, bytes),
    "minified code": Array.from({ length: Math.ceil(bytes / 40) }, statement)
      .join("")
      .slice(0, bytes),
  };
}
