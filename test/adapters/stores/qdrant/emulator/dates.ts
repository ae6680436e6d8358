/** Dates as the server reads them: RFC 3339 and a few shorter forms, without an offset as UTC. */

const shape =
  /^(\d{4})-(\d{2})-(\d{2})(?:([T ])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/i;

/** Nanoseconds since 1970, or undefined when this is no date. */
export function parseDate(text: string): bigint | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, separator, hour, minute, second, fraction, offset] = found;
  if (
    separator === undefined ? offset !== undefined : second === undefined && (separator !== " " || offset !== undefined)
  )
    return undefined;
  const time = [hour, minute, second].map((part) => Number(part ?? 0)) as [number, number, number];
  if (time[0] > 23 || time[1] > 59 || time[2] > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return undefined;
  const seconds = midnight.getTime() / 1000 + time[0] * 3600 + time[1] * 60 + time[2] - offsetSeconds(offset);
  return BigInt(seconds) * 1_000_000_000n + BigInt((fraction ?? "").padEnd(9, "0"));
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || /^z$/i.test(offset)) return 0;
  const digits = offset.replace(/[+:-]/g, "").padEnd(4, "0");
  const size = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return offset.startsWith("-") ? -size : size;
}

/** What a datetime index holds: whole microseconds, rounded down. */
export function microseconds(nanoseconds: bigint): bigint {
  const rest = ((nanoseconds % 1000n) + 1000n) % 1000n;
  return (nanoseconds - rest) / 1000n;
}
