import type { Terms } from "../types.ts";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { roomFor } from "../room.ts";
import { wordLists } from "./word-lists.ts";

/**
 * In what order the terms of each row stand in its text: for each of them its place among the row's own terms, which
 * takes a byte where a row has up to 256 different ones.
 */
export interface TermSequences {
  set(row: number, order: readonly number[], terms: Terms): void;
  delete(row: number): void;
  /** Whether these places follow each other somewhere. `size` is how many different terms the row has. */
  contains(row: number, size: number, places: readonly number[]): boolean;
  /** The row's places, for a snapshot. */
  write(writer: Pick<ByteWriter, "number">, row: number, size: number): void;
  read(reader: ByteReader, row: number, size: number): void;
}

export function termSequences(): TermSequences {
  /** Of each row its length and then the places, one, two or four to a word. */
  const lists = wordLists();
  /** By row, 1 more than the number of its list. */
  let numbers: Uint32Array = new Uint32Array(8);

  const placesOf = (row: number, size: number): Uint32Array => {
    const list = (numbers[row] ?? 0) - 1;
    if (list === -1) return new Uint32Array(0);
    const words = lists.words(list);
    const bits = bitsFor(size);
    const each = 32 / bits;
    const mask = bits === 32 ? 0xffffffff : (1 << bits) - 1;
    const places = new Uint32Array(words[0] ?? 0);
    for (let i = 0; i < places.length; i++) {
      places[i] = ((words[1 + Math.floor(i / each)] ?? 0) >>> (bits * (i % each))) & mask;
    }
    return places;
  };
  const remove = (row: number): void => {
    const list = (numbers[row] ?? 0) - 1;
    if (list === -1) return;
    lists.drop(list);
    numbers[row] = 0;
  };
  const setPlaces = (row: number, places: Uint32Array, size: number): void => {
    remove(row);
    if (places.length === 0) return;
    const list = lists.create();
    numbers = roomFor(numbers, row + 1);
    numbers[row] = list + 1;
    const bits = bitsFor(size);
    const each = 32 / bits;
    lists.resize(list, 1 + Math.ceil(places.length / each));
    const words = lists.words(list).fill(0);
    words[0] = places.length;
    places.forEach((place, i) => {
      const at = 1 + Math.floor(i / each);
      words[at] = (words[at] ?? 0) | (place << (bits * (i % each)));
    });
  };

  return {
    set(row, order, { ids }) {
      const placeOf = new Map(Array.from(ids, (id, place) => [id, place]));
      const places = Uint32Array.from(order, (id) => placeOf.get(id) ?? 0);
      setPlaces(row, places, ids.length);
    },
    delete: remove,
    contains: (row, size, places) => includes(placesOf(row, size), places),
    write(writer, row, size) {
      const places = placesOf(row, size);
      writer.number(places.length);
      for (const place of places) writer.number(place);
    },
    read(reader, row, size) {
      const length = reader.number();
      if (length > reader.left) reader.damaged();
      const places = new Uint32Array(length);
      reader.numbers(places);
      if (places.some((place) => place >= size)) reader.damaged();
      setPlaces(row, places, size);
    },
  };
}

function bitsFor(size: number): 8 | 16 | 32 {
  if (size <= 1 << 8) return 8;
  return size <= 1 << 16 ? 16 : 32;
}

/** Knuth, Morris and Pratt: linear, whatever repeats itself in either. */
function includes(sequence: Uint32Array, wanted: readonly number[]): boolean {
  /** How much of the beginning of `wanted` ends at each of its places. */
  const border: number[] = [0];
  for (let i = 1, matched = 0; i < wanted.length; i++) {
    while (matched > 0 && wanted[i] !== wanted[matched]) matched = border[matched - 1] ?? 0;
    if (wanted[i] === wanted[matched]) matched++;
    border.push(matched);
  }
  let matched = 0;
  for (const place of sequence) {
    while (matched > 0 && place !== wanted[matched]) matched = border[matched - 1] ?? 0;
    if (place === wanted[matched]) matched++;
    if (matched === wanted.length) return true;
  }
  return false;
}
