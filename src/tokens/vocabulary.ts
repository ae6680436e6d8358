import { ConfigError } from "../errors.ts";
import { merges } from "./merges.ts";
import type { TokenTable } from "./token-table.ts";
import { type TokenTrie, tokenTrie } from "./token-trie.ts";

/** Counts the tokens of `text[start, end)` and appends them to `ids`. */
export type Encode = (text: Uint8Array, start: number, end: number, ids?: number[]) => number;

/** The tokens of a byte-pair encoding. An id is a rank too: the lower, the earlier merging makes it. Each byte is a token. */
export interface Vocabulary extends TokenTrie {
  /** By id, the longest token that is a proper prefix of this one, or -1. */
  readonly prefixes: Int32Array;
  /** By id, in bytes. */
  readonly lengths: Uint16Array;
  /** Whether merging leaves these two tokens side by side, `first` being the first byte of the right one. */
  readonly adjoin: (left: number, right: number, first: number) => boolean;
  /** The token that two make, or -1. */
  readonly joined: (left: number, right: number) => number;
}

export function vocabulary(table: TokenTable): Vocabulary {
  const { bytes, starts, size } = table;
  const trie = tokenTrie(table);
  const { longest, singles } = trie;
  const lengths = Uint16Array.from({ length: size }, (_, id) => (starts[id + 1] as number) - (starts[id] as number));
  const prefixes = Int32Array.from({ length: size }, (_, id) => {
    const start = starts[id] as number;
    return longest(bytes, start, start + Math.max(0, (lengths[id] as number) - 1));
  });

  // Encoding by longest match rests on two things: every byte is a token, and merging the bytes of a token yields the token.
  const missing = singles.indexOf(-1);
  if (missing >= 0) throw new ConfigError(`The rank table has no token for the byte ${missing}.`);
  const { add, joined, adjoin, completed } = merges(size);
  for (let id = 0; id < size; id++) {
    const start = starts[id] as number;
    const end = starts[id + 1] as number;
    if (end - start < 2) continue;
    let left = prefixes[id] as number;
    for (; left >= 0; left = prefixes[left] as number) {
      const cut = start + (lengths[left] as number);
      const right = longest(bytes, cut, end);
      if (left < id && right < id && cut + (lengths[right] as number) === end && adjoin(left, right)) {
        add(left, right, id, bytes[cut] as number);
        break;
      }
    }
    if (left < 0) throw new ConfigError(`Token ${id} of the rank table is not what merging makes of its bytes.`);
  }
  return { ...trie, prefixes, lengths, adjoin: completed(), joined };
}
