import { i16x8, i32, integer, type Integer, repeated, v128, type Vector } from "./assembler.ts";

export const bytesOf = (count: Integer): Integer => i32.shl(count, integer(2));
export const zero: Vector = repeated(0);
export const swapped = (a: Vector): Vector => v128.shuffle(a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
export const crossed = (a: Vector): Vector => v128.shuffle(a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);

export function nibbleOf(words: Vector, shift: Integer, nibbles: Vector): Vector {
  return v128.and(i16x8.shr(words, shift), nibbles);
}
