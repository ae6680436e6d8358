import { finished } from "../signal.ts";

/**
 * SHA-1 and SHA-256 (FIPS 180-4), synchronous: an id is needed per chunk, and WebCrypto's promise per digest costs more
 * than the digest, besides being absent outside secure contexts. SHA-1 only because UUIDv5 is defined by it (RFC 9562).
 */

const encoder = new TextEncoder();

/** Bytes hashed without a break, a few milliseconds' worth. */
const stretch = 2 ** 17;

export function sha256(text: string): string {
  return finished(sha256Steps(text));
}

export function* sha256Steps(text: string): Generator<void, string, undefined> {
  const state = Int32Array.from(initial256);
  const message = padded(encoder.encode(text));
  const { byteLength } = message;
  for (let start = 0; start < byteLength; start += stretch) {
    if (start > 0) yield;
    add256(state, message, start, Math.min(start + stretch, byteLength));
  }
  return hexOf(state);
}

function add256(state: Int32Array, message: DataView, from: number, to: number): void {
  const words = new Int32Array(64);
  for (let start = from; start < to; start += 64) {
    for (let i = 0; i < 16; i++) words[i] = message.getInt32(start + i * 4);
    for (let i = 16; i < 64; i++) {
      const a = at(words, i - 15);
      const b = at(words, i - 2);
      const s0 = rotate(a, 25) ^ rotate(a, 14) ^ (a >>> 3);
      const s1 = rotate(b, 15) ^ rotate(b, 13) ^ (b >>> 10);
      words[i] = (at(words, i - 16) + s0 + at(words, i - 7) + s1) | 0;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(constants256, i) + at(words, i)) | 0;
      const s0 = rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = at(state, i) + word;
  }
}

/** RFC 9562 §5.5: the first 128 bits of SHA-1(namespace, name), with version and variant set. */
export function uuidV5(namespace: string, name: string): string {
  const prefix = Uint8Array.from(namespace.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const suffix = encoder.encode(name);
  const bytes = new Uint8Array(prefix.length + suffix.length);
  bytes.set(prefix);
  bytes.set(suffix, prefix.length);
  const state = sha1(bytes);
  state[1] = (at(state, 1) & 0xffff0fff) | 0x5000;
  state[2] = (at(state, 2) & 0x3fffffff) | 0x80000000;
  const hex = hexOf(state);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

function sha1(bytes: Uint8Array): Int32Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(80);
  const message = padded(bytes);
  for (let start = 0; start < message.byteLength; start += 64) {
    for (let i = 0; i < 16; i++) words[i] = message.getInt32(start + i * 4);
    for (let i = 16; i < 80; i++) {
      words[i] = rotate(at(words, i - 3) ^ at(words, i - 8) ^ at(words, i - 14) ^ at(words, i - 16), 1);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let i = 0; i < 80; i++) {
      let mix = (b & c) | (~b & d);
      if (i >= 60 || (i >= 20 && i < 40)) mix = b ^ c ^ d;
      else if (i >= 40) mix = (b & c) | (b & d) | (c & d);
      const constant = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
      const next = (rotate(a, 5) + mix + e + constant + at(words, i)) | 0;
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next;
    }
    for (const [i, word] of [a, b, c, d, e].entries()) state[i] = at(state, i) + word;
  }
  return state;
}

/** The message, a 1 bit, zeros, and its length in bits: a multiple of 512 bits. */
function padded(bytes: Uint8Array): DataView {
  const message = new Uint8Array((bytes.length + 9 + 63) & ~63);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(message.length - 4, (bytes.length * 8) >>> 0);
  return view;
}

/** The fractional parts of the roots of the first primes, as the standard has them. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Int32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32);
}
const constants256 = /* @__PURE__ */ fractions(64, Math.cbrt);
const initial256 = /* @__PURE__ */ fractions(8, Math.sqrt);

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
function hexOf(state: Int32Array): string {
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
