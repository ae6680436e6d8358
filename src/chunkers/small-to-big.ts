import { ConfigError } from "../errors.ts";
import { expectPart } from "../expected-part.ts";
import { checkOptions, expectOptions } from "../options.ts";
import type { Chunker, Piece, PortOptions } from "../types.ts";
import { givenText } from "./given-text.ts";
import { fingerprintOf } from "./options.ts";
import { checkPieces } from "./pieces.ts";
import { headingPath, stacked } from "./text/indexed-text.ts";

/**
 * Small pieces to be found by, each inside the larger passage to be read.
 *
 * Pieces are those of `child`, cut from each passage of `parent`, with its span as their `parent`, its headings and its
 * context; a context that leaves the child no room for text is left out. What two passages share is cut once.
 *
 * @example smallToBig({ parent: markdown({ size: 2000 }), child: sentences({ size: 300 }) })
 */
export function smallToBig(options: { readonly parent: Chunker; readonly child: Chunker }): Chunker {
  expectOptions("smallToBig", options);
  checkOptions("smallToBig", options, ["parent", "child"]);
  const { parent, child } = options;
  for (const [name, part] of Object.entries({ parent, child })) {
    expectPart("chunker", part, `smallToBig.${name}`);
  }
  const chunker: Chunker = async (document, port = {}) => {
    const { text, title } = givenText("smallToBig", document);
    const passages = checkPieces(await parent(title === undefined ? { text } : { text, title }, port), text);
    const pieces: Piece[] = [];
    let done = 0;
    for (const passage of passages) {
      const start = Math.max(passage.start, done);
      if (start >= passage.end) continue;
      for (const piece of await inside(child, { text: text.slice(start, passage.end), title, passage }, port)) {
        pieces.push({
          ...piece,
          start: start + piece.start,
          end: start + piece.end,
          parent: { start: passage.start, end: passage.end },
        });
      }
      done = passage.end;
    }
    return pieces;
  };
  const { fingerprint } = parent;
  if (fingerprint === undefined || child.fingerprint === undefined) return chunker;
  const settings = { parent: fingerprint, child: child.fingerprint };
  return Object.assign(chunker, { fingerprint: fingerprintOf("smallToBig", settings) });
}

/** The child's pieces of a passage, with the headings and the context of the passage before their own. */
async function inside(
  child: Chunker,
  { text, title, passage }: { readonly text: string; readonly title: string | undefined; readonly passage: Piece },
  port: Partial<PortOptions>,
): Promise<readonly Piece[]> {
  const { headings, context = headingPath(headings ?? []) } = passage;
  // A child counts its title only, but what it is indexed with is the same: title and context, one below the other.
  const cut = async (above: string): Promise<readonly Piece[]> =>
    checkPieces(await child(above === "" ? { text } : { text, title: above }, port), text);
  let carried = context;
  const pieces = await cut(stacked(title, context)).catch(async (error: unknown) => {
    if (!(error instanceof ConfigError) || context === "") throw error;
    carried = "";
    return cut(title ?? "");
  });
  return pieces.map((piece) => {
    const own = stacked(carried, piece.context);
    const path = headings ?? piece.headings;
    return { ...piece, ...(path && { headings: path }), ...((own !== "" || path) && { context: own }) };
  });
}
