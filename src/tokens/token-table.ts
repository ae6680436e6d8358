import { ConfigError, shown } from "../errors.ts";

/** Tokens by id, their bytes one after the other. One without bytes is a gap in the ids. */
export interface TokenTable {
  /** Behind the last token another 16 bytes can be read. */
  readonly bytes: Uint8Array;
  /** Where each begins, and at the end where the last one ends. */
  readonly starts: Uint32Array;
  readonly size: number;
}

const PADDING = 16;

/** By character code: the six bits that it stands for in base64. */
const sixBits: Int8Array = /* @__PURE__ */ Int8Array.from({ length: 128 }, (_, code) =>
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(String.fromCharCode(code)),
);

/** From tiktoken's `bpe_ranks`: lines of `! firstId token token …`, tokens in base64. `atob` takes several times as long. */
export function tokenTable(ranks: string): TokenTable {
  const bytes = new Uint8Array(ranks.length + PADDING);
  const starts: number[] = [];
  let length = 0;
  for (const line of ranks.split("\n")) {
    const [, first, ...encoded] = line.split(" ");
    while (starts.length < Number(first)) starts.push(length);
    for (const token of encoded) {
      starts.push(length);
      let bits = 0;
      let held = 0;
      for (let at = 0; at < token.length && token.charCodeAt(at) !== 0x3d; at++) {
        const six = sixBits[token.charCodeAt(at)] ?? -1;
        if (six < 0) throw new ConfigError(`The rank table has a token that is not base64: ${shown(token)}`);
        bits = (bits << 6) | six;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes[length++] = bits >> held;
      }
    }
  }
  const size = starts.length;
  starts.push(length);
  return { bytes: bytes.slice(0, length + PADDING), starts: Uint32Array.from(starts), size };
}
