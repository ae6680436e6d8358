import type { Chunker, Piece } from "../../src/types.ts";
import { plainChunker } from "./reference-parts.ts";

/** Bugs of chunkers. */
export const chunkerMutants: Readonly<Record<string, () => Chunker>> = {
  "finds its pieces by indexOf": () =>
    cutting((pieces, text) =>
      pieces.map(({ start, end }) => {
        const found = text.indexOf(text.slice(start, end));
        return { start: found, end: found + end - start };
      }),
    ),
  "finds its pieces from where it last searched": () =>
    cutting((pieces, text) => {
      let from = 0;
      return pieces.map(({ start, end }) => {
        const found = text.indexOf(text.slice(start, end).trim().slice(0, 20), from);
        from = found + 1;
        return { start: found, end: Math.min(found + end - start, text.length) };
      });
    }),
  "counts tokens as characters": () =>
    cutting((pieces) => pieces.map(({ start, end }) => ({ start: start / 4, end: end / 4 }))),
  "cuts every 401 code units": () => sized(401),
  "cuts between code points":
    () =>
    async ({ text }) => {
      const pieces: Piece[] = [];
      let start = 0;
      for (const character of chunksOf(Array.from(text), 399)) {
        const end = start + character.join("").length;
        if (text.slice(start, end).trim() !== "") pieces.push({ start, end });
        start = end;
      }
      return pieces;
    },
  "cuts between CR and LF": () =>
    cutting((pieces, text) =>
      pieces.flatMap(({ start, end }) => {
        const middle = text.indexOf("\r\n", start) + 1;
        return middle > start && middle < end
          ? [
              { start, end: middle },
              { start: middle, end },
            ]
          : [{ start, end }];
      }),
    ),
  "trims the text before it cuts":
    () =>
    ({ text }) =>
      plainChunker({ text: text.trim() }),
  "drops the tail": () => cutting((pieces) => (pieces.length > 1 ? pieces.slice(0, -1) : pieces)),
  "drops short pieces": () => cutting((pieces) => pieces.filter(({ start, end }) => end - start > 10)),
  "loses the first character of each piece": () =>
    cutting((pieces) => pieces.map(({ start, end }) => ({ start: Math.min(start + 1, end - 1), end }))),
  "ends beyond the text": () => cutting((pieces) => pieces.map(({ start, end }) => ({ start, end: end + 1 }))),
  "counts offsets from the title":
    () =>
    async ({ text, title = "" }) => {
      const pieces = await plainChunker({ text });
      return pieces.map(({ start, end }) => ({ start: start + title.length, end: end + title.length }));
    },
  "gives a piece for blank text": () =>
    cutting((pieces, text) => (pieces.length === 0 ? [{ start: 0, end: text.length }] : pieces)),
  "gives blank pieces": () => sized(400, (text) => text !== ""),
  "gives its pieces in another order": () => cutting((pieces) => pieces.toReversed()),
  "gives the last piece twice": () => cutting((pieces) => [...pieces, ...pieces.slice(-1)]),
  "cuts differently each time": () => {
    let calls = 0;
    return cutting((pieces) => (++calls % 2 === 0 ? merged(pieces) : pieces));
  },
  "remembers where the last text ended": () => {
    let last = 0;
    return cutting((pieces) => {
      const from = last % 7;
      last = pieces.length;
      return from === 3 ? merged(pieces) : pieces;
    });
  },
  "shares its state between calls": () => {
    let current = "";
    return async ({ text }) => {
      current = text;
      await Promise.resolve();
      return plainChunker({ text: current });
    };
  },
  "writes into the document": () => (document) => {
    Object.assign(document, { text: document.text.trim() });
    return plainChunker(document);
  },
  "gives a parent beside the piece": () =>
    cutting((pieces) => pieces.map((piece) => ({ ...piece, parent: { start: piece.start + 1, end: piece.end } }))),
  "gives a parent beyond the text": () =>
    cutting((pieces) => pieces.map((piece) => ({ ...piece, parent: { start: 0, end: 1_000_000 } }))),
  "counts no tokens": () => cutting((pieces) => pieces.map((piece) => ({ ...piece, tokens: 0 }))),
  "cuts a stream part by part": () =>
    streaming(async function* (parts) {
      let offset = 0;
      for await (const part of parts) {
        for (const { start, end } of await plainChunker({ text: part })) {
          yield { start: start + offset, end: end + offset, text: part.slice(start, end) };
        }
        offset += part.length;
      }
    }),
  "streams the text of another span": () =>
    streaming(async function* (parts) {
      for await (const piece of plainChunker.stream(parts))
        yield { ...piece, text: piece.text.trimStart().slice(0, -1) };
    }),
  "forgets the end of a stream": () =>
    streaming(async function* (parts) {
      let held: (Piece & { text: string }) | undefined;
      for await (const piece of plainChunker.stream(parts)) {
        if (held !== undefined) yield held;
        held = piece;
      }
    }),
};

function cutting(wrong: (pieces: readonly Piece[], text: string) => readonly Piece[]): Chunker {
  return async ({ text }) => wrong(await plainChunker({ text }), text);
}

function streaming(stream: NonNullable<Chunker["stream"]>): Chunker {
  return Object.assign((document: { readonly text: string }) => plainChunker(document), { stream });
}

function sized(size: number, keeps = (text: string): boolean => text.trim() !== ""): Chunker {
  return ({ text }) => {
    const starts = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => index * size);
    const pieces = starts.map((start) => ({ start, end: Math.min(start + size, text.length) }));
    return pieces.filter(({ start, end }) => keeps(text.slice(start, end)));
  };
}

function chunksOf<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

/** The first two pieces as one. */
function merged(pieces: readonly Piece[]): readonly Piece[] {
  const [first, second, ...rest] = pieces;
  return first === undefined || second === undefined ? pieces : [{ start: first.start, end: second.end }, ...rest];
}
