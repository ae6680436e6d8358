import { shown } from "./errors.ts";

/** What a service answered about texts, as one reply for each of them. */
export function repliesOf(
  answer: unknown,
  count: number,
  what: string,
  fault: (message: string) => Error,
): readonly unknown[] {
  if (!Array.isArray(answer)) throw fault(`expected an array of ${what}, received ${shown(answer)}`);
  if (answer.length !== count) {
    throw fault(`expected ${count} ${what}, one for each text, received ${answer.length}`);
  }
  // Holes are replies that are none.
  return Array.from(answer);
}
