/** Dates as the server reads them: RFC 3339 and looser forms; without an offset they are UTC. */

const day = String.raw`\s*([+-]?\d{1,4}|[+-]\d{5,6})-\s*(\d{1,2})-\s*(\d{1,2})`;
const time = String.raw`(?:[Tt]|\s+)\s*(\d{1,2}):\s*(\d{1,2})(?::\s*(\d{1,2})(?:\.(\d+))?(?:\s*(Z|UTC|[+\u2212-]\d{2}(?::?\d{2})?))?)?`;
const shape = new RegExp(`^${day}(?:${time})?$`, "iu");

/** Whole microseconds since 1970, or undefined when this is no date. */
export function parseDate(text: string): bigint | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [year, month, date, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offset = offsetSeconds(found[8]);
  if (hour > 23 || minute > 59 || second > 60 || offset === undefined) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, date);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== date) return undefined;
  const seconds = midnight.getTime() / 1000 + hour * 3600 + minute * 60 + Math.min(second, 59) - offset;
  const fraction = second === 60 ? "999999" : (found[7] ?? "").slice(0, 6).padEnd(6, "0"); // a leap second is the end of its minute
  return BigInt(seconds) * 1_000_000n + BigInt(fraction);
}

function offsetSeconds(offset: string | undefined): number | undefined {
  const digits = /\d.*/.exec(offset ?? "")?.[0].replace(":", "");
  if (offset === undefined || digits === undefined) return 0;
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("+") ? 1 : -1) * (hours * 3600 + minutes * 60);
}
