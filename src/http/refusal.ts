import { AdapterError } from "../errors.ts";
import { own } from "./reply.ts";
import type { Redact } from "./secrets.ts";

/** What a service says when it does not answer: which status, why, whether and when to ask again. */

export interface Refusal {
  readonly adapter: string;
  readonly where: string;
  readonly status: number;
  readonly headers: Headers;
  /** As it came; undefined where it could not be read. */
  readonly text: string | undefined;
}

const TRANSIENT_STATUSES = new Set([408, 409, 425, 429]);
const DAY = 86_400_000;
/** Characters of a service's text in a message. */
const LONGEST_TEXT = 500;

export function refusalError({ adapter, where, status, headers, text = "" }: Refusal, redact: Redact): AdapterError {
  const said = parsed(text);
  const codes = codesIn(said);
  const reason = said === undefined ? plain(text) : textIn(said);
  const [code] = codes;
  const suffix = code === undefined || reason.includes(code) ? "" : ` (${code})`;
  const message = shortened(redact(`${reason}${suffix}`));
  // The one 429 that no waiting helps.
  const spent = codes.includes("insufficient_quota");
  return new AdapterError(adapter, `${where} answered ${status}${message === "" ? "" : `: ${message}`}`, {
    retryable: !spent && (TRANSIENT_STATUSES.has(status) || status >= 500),
    status,
    retryAfter: retryAfterOf(headers),
  });
}

/**
 * Milliseconds, from `retry-after-ms` or from `Retry-After` as seconds or as a date; at most a day. What is neither
 * counts as not said.
 */
export function retryAfterOf(headers: Headers, now: number = Date.now()): number | undefined {
  const milliseconds = headers.get("retry-after-ms")?.trim() ?? "";
  if (isDecimal(milliseconds)) return Math.min(Number(milliseconds), DAY);
  const value = headers.get("retry-after")?.trim() ?? "";
  if (isDecimal(value)) return Math.min(Number(value) * 1000, DAY);
  // Date.parse() takes almost anything for a date; HTTP's end in GMT.
  const date = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - now, 0), DAY);
}

function isDecimal(text: string): boolean {
  return /^\d+(?:\.\d+)?$/u.test(text);
}

/**
 * The reason in an error body. `{error: {message}}` is OpenAI, Azure, Together, Gemini and Pinecone; `{message}` Cohere,
 * Mistral and Bedrock; `{error: string}` Ollama and TEI; `{detail: string}` Voyage; `{detail: [{loc, msg}]}` FastAPI.
 */
function textIn(said: unknown, depth: number = 5): string {
  if (typeof said === "string") return said;
  if (typeof said !== "object" || said === null || depth === 0) return "";
  if (Array.isArray(said)) {
    const texts = said.slice(0, 5).map((item) => textIn(item, depth - 1));
    return texts.filter((text) => text !== "").join("; ");
  }
  for (const key of ["message", "msg", "detail", "error", "errors"]) {
    const text = textIn(own(said, key), depth - 1);
    const location = own(said, "loc");
    if (text !== "") return Array.isArray(location) ? `${location.map(String).join(".")}: ${text}` : text;
  }
  return "";
}

/** `code` and `type`, at the top or beside the message. */
function codesIn(said: unknown): readonly string[] {
  const holder = Array.isArray(said) ? (said as unknown[])[0] : said;
  const inner = own(holder, "error");
  return [
    own(inner, "code"),
    own(inner, "type"),
    own(holder, "code"),
    own(holder, "error_type"),
    own(holder, "type"),
  ].filter((code) => typeof code === "string");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A page's title says what there is to say; its markup nothing. */
export function plain(text: string): string {
  if (!text.trimStart().startsWith("<")) return text;
  const start = text.search(/<title>/iu);
  const end = text.indexOf("<", start + 1);
  return start === -1 || end === -1 ? "an HTML page" : `an HTML page, ${text.slice(start + "<title>".length, end)}`;
}

/** On one line, without control characters, at a length that can be read. */
export function shortened(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}
