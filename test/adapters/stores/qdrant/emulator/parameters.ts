/** Parameters in the query part of a path, each read or refused as the server does. */
import type { Consistency, Ordering } from "./cluster.ts";
import { Refusal } from "./refusal.ts";

function unreadable(detail: string): Refusal {
  return new Refusal(400, `Deserialize error in query parameters: ${detail}`);
}

function only(search: URLSearchParams, name: string): string | undefined {
  const given = search.getAll(name);
  if (given.length > 1) throw unreadable(`duplicate field \`${name}\``);
  return given[0];
}

function readSeconds(search: URLSearchParams): number | undefined {
  const text = only(search, "timeout");
  if (text === undefined) return undefined;
  if (text === "") throw unreadable("cannot parse integer from empty string");
  if (!/^\d+$/.test(text)) throw unreadable("invalid digit found in string");
  return Number(text);
}

export interface WriteParameters {
  readonly wait: boolean;
  readonly ordering: Ordering;
  readonly timeout: number | undefined;
}

export function readWriteParameters(search: URLSearchParams): WriteParameters {
  const wait = only(search, "wait");
  if (wait !== undefined && wait !== "true" && wait !== "false")
    throw unreadable("provided string was not `true` or `false`");
  const ordering = only(search, "ordering") ?? "weak";
  if (ordering !== "weak" && ordering !== "medium" && ordering !== "strong") {
    throw unreadable(`unknown variant \`${ordering}\`, expected one of \`weak\`, \`medium\`, \`strong\``);
  }
  return { wait: wait === "true", ordering, timeout: readSeconds(search) };
}

export interface ReadParameters {
  readonly consistency: Consistency;
  readonly timeout: number | undefined;
}

export function readReadParameters(search: URLSearchParams): ReadParameters {
  const timeout = readSeconds(search);
  if (timeout === 0) throw unreadable("invalid value: integer `0`, expected a nonzero u64");
  const given = only(search, "consistency") ?? "1";
  if (given === "majority" || given === "quorum" || given === "all") return { consistency: given, timeout };
  if (!/^[1-9]\d*$/.test(given))
    throw unreadable(`failed to deserialize read consistency query parameter value '${given}'`);
  return { consistency: Number(given), timeout };
}
