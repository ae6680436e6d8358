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

/** Pretokens that room is made for at once: an array for each text takes longer to be made than it does to be filled. */
const ROOM = 65536;
/** Of four bytes, the bits that ASCII does not have. */
const BEYOND_ASCII = 0x80808080;

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
  let room = spaceFor(ROOM);
  /** What of it has been handed out. */
  let taken = 0;

  return {
    name,
    count(text) {
      const utf8 = write(text);
      const { bytes, view, length } = utf8;
      let tokens = 0;
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length, view);
        tokens += count(utf8, at, end);
        at = end;
      }
      return tokens;
    },
    encode(text) {
      const { bytes, view, length } = write(text);
      const ids: number[] = [];
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length, view);
        encode(bytes, at, end, ids);
        at = end;
      }
      return ids;
    },
    pretokens(text): Pretokens {
      const utf8 = write(text);
      const { bytes, view, length } = utf8;
      // A long text has room of its own, which is let go.
      const isLong = length >= ROOM;
      if (!isLong && taken + length >= ROOM) {
        room = spaceFor(ROOM);
        taken = 0;
      }
      const first = isLong ? 0 : taken;
      const { ends, sums } = isLong ? spaceFor(length + 1) : room;
      let pretokens = first;
      /** By how many more bytes than code units there are up to the pretoken. */
      let more = 0;
      /** Where the next character beyond ASCII is, about. */
      let beyond = asciiEnd(view, 0, length);
      let sum = 0;
      for (let at = 0; at < length;) {
        const end = scan(bytes, at, length, view);
        if (end > beyond) {
          more += end - at - utf16Length(bytes, at, end);
          beyond = asciiEnd(view, end, length);
        }
        sum += count(utf8, at, end);
        ends[++pretokens] = end - more;
        sums[pretokens] = sum;
        at = end;
      }
      const end = pretokens + 1;
      if (isLong) return { ends: ends.slice(0, end), sums: sums.slice(0, end) };
      taken = end;
      return { ends: ends.subarray(first, end), sums: sums.subarray(first, end) };
    },
  };
}

/** About where the ASCII characters from a place on end: at most three before that. */
function asciiEnd(view: DataView, start: number, length: number): number {
  let at = start;
  while (at < length && (view.getInt32(at) & BEYOND_ASCII) === 0) at += 4;
  return at;
}

/** For so many pretokens, and the zeros that all begin with. */
function spaceFor(most: number): Pretokens {
  return { ends: new Int32Array(most), sums: new Int32Array(most) };
}

function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) length += byte < 0xf0 ? 1 : 2;
  }
  return length;
}
