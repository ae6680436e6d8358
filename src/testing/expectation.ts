/** Checks that need no test framework: each throws a plain Error that names what was expected and what came. */

export function expectThat(holds: boolean, expected: string, received: unknown): asserts holds {
  if (!holds) throw new Error(`expected ${expected}, received ${printed(received)}`);
}

/** Deep equality of plain data. A key whose value is undefined is absent; the order of keys says nothing. */
export function expectEqual(received: unknown, expected: unknown, what: string): void {
  const difference = differenceOf(received, expected, what);
  if (difference !== undefined) throw new Error(difference);
}

/** Within 1e-4 of the expected number: 32-bit floats are precise enough, another formula is not. */
export function expectClose(received: unknown, expected: number, what: string): void {
  const close = typeof received === "number" && Math.abs(received - expected) <= 1e-4 * Math.abs(expected) + 1e-6;
  if (!close) throw new Error(`${what}: expected ${expected}, received ${printed(received)}`);
}

/** What the work was rejected with. */
export async function expectRejection(work: PromiseLike<unknown>, what: string): Promise<unknown> {
  let received: unknown;
  try {
    received = await work;
  } catch (reason) {
    return reason;
  }
  throw new Error(`${what}: expected a rejection, received ${printed(received)}`);
}

/** Rejects with the very reason of an abort that came before the call. */
export async function expectAbort(call: (signal: AbortSignal) => PromiseLike<unknown>, what: string): Promise<void> {
  for (const reason of [new Error("the caller went away"), { reason: "no longer needed" }]) {
    const received = await expectRejection(started(call, AbortSignal.abort(reason)), what);
    if (received !== reason) {
      throw new Error(`${what}: expected the caller's own reason, received ${printed(received)}`);
    }
  }
}

/** An abort may be thrown at once or come as a rejection. */
async function started(call: (signal: AbortSignal) => PromiseLike<unknown>, signal: AbortSignal): Promise<unknown> {
  return call(signal);
}

/** Where two values differ first, or undefined. */
function differenceOf(received: unknown, expected: unknown, path: string): string | undefined {
  if (received === expected || (Number.isNaN(received) && Number.isNaN(expected))) return undefined;
  if (isList(received) && isList(expected)) {
    if (received.length !== expected.length) {
      return `${path}: expected ${expected.length} entries ${printed(expected)}, received ${received.length} ${printed(received)}`;
    }
    for (let index = 0; index < expected.length; index++) {
      const difference = differenceOf(received[index], expected[index], `${path}[${index}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (isObject(received) && isObject(expected) && !isList(received) && !isList(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(received)])) {
      const difference = differenceOf(ownValue(received, key), ownValue(expected, key), `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return `${path}: expected ${printed(expected)}, received ${printed(received)}`;
}

type List = ArrayLike<unknown>;

function isList(value: unknown): value is List {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function ownValue(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function printed(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === "number") return String(value); // JSON has no NaN
  const text = JSON.stringify(isList(value) ? Array.from(value) : value) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
