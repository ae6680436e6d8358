import { topRows } from "../top-rows.ts";
import { unicode } from "./analyzers/unicode.ts";
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { roomFor } from "../room.ts";
import { wordLists } from "./word-lists.ts";

/** A word that begins as asked for. */
export interface Suggestion {
  readonly word: string;
  /** In how many documents it stands. */
  readonly documents: number;
}

/** The words of all rows as they are written, not their terms, and in which rows they stand. */
export interface Vocabulary {
  /** Words that there is room taken for, some of them gone. */
  readonly held: number;
  set(row: number, text: string): void;
  delete(row: number): void;
  suggest(prefix: string, limit: number): readonly Suggestion[];
  /** All words, then those of each row. */
  write(writer: Pick<ByteWriter, "number" | "text">, rows: Iterable<number>): void;
  read(reader: ByteReader, rows: number): void;
}

/** So many words may wait to be put in their place, beyond a quarter of those that are. */
const WAITING = 1000;

export function vocabulary(): Vocabulary {
  const analyzer = unicode();
  const numbers = new Map<string, number>();
  const words: string[] = [];
  let documents: Uint32Array = new Uint32Array(8);
  const free: number[] = [];
  /** In the order of the words; since then come and gone are others, so many that it is not worth while yet. */
  let sorted: readonly number[] = [];
  let fresh: number[] = [];
  let gone = 0;
  const lists = wordLists();
  /** By row, 1 more than the number of its list. */
  let rows: Uint32Array = new Uint32Array(8);

  const wordOf = (number: number): string => words[number] ?? "";
  const alive = (number: number): boolean => documents[number] !== 0;
  const before = (a: number, z: number): boolean => wordOf(a) < wordOf(z);

  const tidy = (): void => {
    if ((fresh.length + gone) * 4 <= WAITING * 4 + sorted.length) return;
    for (const number of [...sorted, ...fresh]) {
      if (alive(number)) continue;
      numbers.delete(wordOf(number));
      free.push(number);
    }
    fresh = fresh.filter(alive).toSorted((a, z) => (before(a, z) ? -1 : 1));
    const merged: number[] = [];
    let next = 0;
    for (const number of sorted.filter(alive)) {
      for (; next < fresh.length && before(fresh[next] ?? 0, number); next++) merged.push(fresh[next] ?? 0);
      merged.push(number);
    }
    sorted = [...merged, ...fresh.slice(next)];
    fresh = [];
    gone = 0;
  };

  const numberFor = (word: string): number => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    const number = free.pop() ?? words.length;
    words[number] = word;
    numbers.set(word, number);
    documents = roomFor(documents, number + 1);
    documents[number] = 0;
    fresh.push(number);
    return number;
  };
  const remove = (row: number): void => {
    const list = (rows[row] ?? 0) - 1;
    if (list === -1) return;
    for (const number of lists.words(list)) {
      documents[number] = (documents[number] ?? 0) - 1;
      if (!alive(number)) gone++;
    }
    lists.drop(list);
    rows[row] = 0;
  };
  const setWords = (row: number, given: readonly number[]): void => {
    const list = lists.create();
    rows = roomFor(rows, row + 1);
    rows[row] = list + 1;
    lists.resize(list, given.length);
    lists.words(list).set(given);
    for (const number of given) documents[number] = (documents[number] ?? 0) + 1;
  };

  return {
    get held() {
      return numbers.size;
    },
    set(row, text) {
      remove(row);
      setWords(row, [...new Set(analyzer.terms(text))].map(numberFor));
      tidy();
    },
    delete(row) {
      remove(row);
      tidy();
    },
    suggest(typed, limit) {
      const prefix = lastWord(analyzer.terms(typed), typed);
      if (prefix === "") return [];
      const best = topRows(limit, before);
      let low = 0;
      for (let high = sorted.length; low < high;) {
        const middle = (low + high) >> 1;
        if (wordOf(sorted[middle] ?? 0) < prefix) low = middle + 1;
        else high = middle;
      }
      for (let at = low; at < sorted.length && wordOf(sorted[at] ?? 0).startsWith(prefix); at++) {
        const number = sorted[at] ?? 0;
        if (alive(number)) best.offer(number, documents[number] ?? 0);
      }
      for (const number of fresh) {
        if (alive(number) && wordOf(number).startsWith(prefix)) best.offer(number, documents[number] ?? 0);
      }
      const found = best.take();
      return Array.from(found.rows, (number, i) => ({ word: wordOf(number), documents: found.scores[i] ?? 0 }));
    },
    write(writer, written) {
      const order = [...numbers.values()].filter(alive).toSorted((a, z) => (before(a, z) ? -1 : 1));
      const places = new Map(order.map((number, place) => [number, place]));
      writer.number(order.length);
      for (const number of order) writer.text(wordOf(number));
      for (const row of written) {
        const list = (rows[row] ?? 0) - 1;
        const mine = list === -1 ? [] : Array.from(lists.words(list), (number) => places.get(number) ?? 0);
        writer.number(mine.length);
        let previous = -1;
        for (const place of mine.toSorted((a, z) => a - z)) {
          writer.number(place - previous - 1);
          previous = place;
        }
      }
    },
    read(reader, count) {
      const size = reader.number();
      if (size > reader.left) reader.damaged();
      for (let i = 0; i < size; i++) if (numberFor(reader.text()) !== i) reader.damaged();
      if (fresh.some((number, i) => i > 0 && !before(i - 1, number))) reader.damaged();
      sorted = fresh;
      fresh = [];
      for (let row = 0; row < count; row++) {
        const length = reader.number();
        if (length > reader.left) reader.damaged();
        let place = -1;
        const mine = Array.from({ length }, () => (place += reader.number() + 1));
        if (place >= size) reader.damaged();
        if (length > 0) setWords(row, mine);
      }
      if (!sorted.every(alive)) reader.damaged();
    },
  };
}

/** The one that is being typed. Of Chinese and its like the last pair, which stands before its second character. */
function lastWord(words: readonly string[], typed: string): string {
  const last = words.at(-1) ?? "";
  const pair = words.at(-2) ?? "";
  return pair !== last && pair.endsWith(last) && typed.trimEnd().endsWith(pair) ? pair : last;
}
