import { ConfigError, quoted, unexpected } from "../errors.ts";
import { bytePairs } from "./byte-pairs.ts";
import { remembered } from "./count-cache.ts";
import type { Pretokens, PretokenTokenizer } from "./pretokens.ts";
import { scanners } from "./scanners.ts";
import { utf8Writer } from "./utf8.ts";
import { tokenTable } from "./token-table.ts";
import { vocabulary } from "./vocabulary.ts";

/** What ordinary text needs of an encoding of tiktoken. */
export interface Encoding {
  readonly pat_str: string;
  readonly bpe_ranks: string;
}

/** More pretokens get working space of their own, which is let go. */
const KEPT = 16384;

/**
 * Counts exactly as tiktoken's `encode_ordinary` does, in time linear in the text whatever it is: a special token such as
 * `<|endoftext|>` is ordinary text, a lone surrogate is U+FFFD.
 */
export function bytePairTokenizer(name: string, encoding: Encoding): PretokenTokenizer {
  const scan = scanners.get(encoding.pat_str);
  if (scan === undefined) {
    throw new ConfigError(`Encoding ${quoted(name)} cuts text by a pattern that is not known: ${encoding.pat_str}`);
  }
  const table = tokenTable(encoding.bpe_ranks);
  const encode = bytePairs(vocabulary(table));
  const count = remembered(({ bytes }, start, end) => encode(bytes, start, end), table);
  const written = utf8Writer();
  const write = (text: string): ReturnType<typeof written> => {
    if (typeof text !== "string") throw unexpected(`${name}: text`, "a string", text);
    return written(text);
  };
  const kept = { ends: new Int32Array(KEPT), sums: new Int32Array(KEPT) };

  return {
    name,
    count(text) {
      const utf8 = write(text);
      const { bytes, length } = utf8;
      let tokens = 0;
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length);
        tokens += count(utf8, at, end);
        at = end;
      }
      return tokens;
    },
    encode(text) {
      const { bytes, length } = write(text);
      const ids: number[] = [];
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length);
        encode(bytes, at, end, ids);
        at = end;
      }
      return ids;
    },
    pretokens(text): Pretokens {
      const utf8 = write(text);
      const { bytes, length } = utf8;
      const isAscii = length === text.length;
      let { ends, sums }: Pretokens = kept;
      let pretokens = 0;
      let offset = 0;
      let sum = 0;
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length);
        offset = isAscii ? end : offset + utf16Length(bytes, at, end);
        sum += count(utf8, at, end);
        if (++pretokens === ends.length) [ends, sums] = [grown(ends), grown(sums)];
        ends[pretokens] = offset;
        sums[pretokens] = sum;
        at = end;
      }
      return { ends: ends.slice(0, pretokens + 1), sums: sums.slice(0, pretokens + 1) };
    },
  };
}

function grown(values: Int32Array): Int32Array {
  const more = new Int32Array(2 * values.length);
  more.set(values);
  return more;
}

function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) length += byte < 0xf0 ? 1 : 2;
  }
  return length;
}
