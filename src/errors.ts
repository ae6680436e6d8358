import type { IndexReport } from "./types.ts";

export type ErrorCode =
  | "config"
  | "document"
  | "metadata"
  | "filter"
  | "unsupported"
  | "fingerprint"
  | "scope"
  | "adapter"
  | "conflict"
  | "snapshot"
  | "timeout"
  | "partial";

/**
 * The base of every error that groundline throws by itself. An abort is not among them: it rejects with the caller's
 * own reason. Names and codes are literals, so that they narrow where two copies of the package defeat `instanceof`.
 */
export abstract class RetrievalError extends Error {
  abstract override readonly name: string;
  abstract readonly code: ErrorCode;
}

/** Parts that do not fit together, or an option out of range: a change in code mends it. */
export class ConfigError extends RetrievalError {
  override readonly name = "ConfigError";
  override readonly code = "config";
}

/** A document that cannot be indexed as it is. */
export class DocumentError extends RetrievalError {
  override readonly name = "DocumentError";
  override readonly code = "document";
  readonly documentId: string;
  /** Of the file that the document is a row of, from 1. */
  declare readonly line?: number;
  constructor(documentId: string, message: string, options: { readonly cause?: unknown; readonly line?: number } = {}) {
    super(message, options);
    this.documentId = documentId;
    if (options.line !== undefined) this.line = options.line;
  }
}

/** Metadata that its schema, or the flat shape that stores can filter by, refuses. */
export class MetadataError extends RetrievalError {
  override readonly name = "MetadataError";
  override readonly code = "metadata";
  readonly documentId: string;
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  constructor(
    documentId: string,
    issues: readonly { readonly path: string; readonly message: string }[],
    options?: { readonly cause?: unknown },
  ) {
    const listed = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
    super(`Metadata of document ${quoted(documentId)}: ${listed}`, options);
    this.documentId = documentId;
    this.issues = issues;
  }
}

/** A filter outside the language; `path` leads to the offending key. */
export class FilterError extends RetrievalError {
  override readonly name = "FilterError";
  override readonly code = "filter";
  readonly path: string;
  constructor(path: string, message: string, options?: { readonly cause?: unknown }) {
    super(`${path === "" ? "Filter" : `Filter at ${path}`}: ${message}`, options);
    this.path = path;
  }
}

/** A part says that it cannot do what was asked, rather than doing something else. */
export class UnsupportedError extends RetrievalError {
  override readonly name = "UnsupportedError";
  override readonly code = "unsupported";
}

/** An index was built with something else than what it is opened with. */
export class FingerprintError extends RetrievalError {
  override readonly name = "FingerprintError";
  override readonly code = "fingerprint";
  readonly differences: readonly { readonly key: string; readonly stored: unknown; readonly given: unknown }[];
  constructor(
    differences: readonly { readonly key: string; readonly stored: unknown; readonly given: unknown }[],
    options: {
      readonly cause?: unknown;
      readonly what?: string;
      readonly where?: string;
      readonly advice?: string;
    } = {},
  ) {
    const { what = "The index was built with something else", where = "in the index" } = options;
    const { advice = "Build a new one with stage()." } = options;
    const listed = differences
      .map(({ key, stored, given }) => `${key} is ${shown(stored)} ${where} and ${shown(given)} here`)
      .join("; ");
    super(`${what}: ${listed}. ${advice}`, options);
    this.differences = differences;
  }
}

/** A call outside a tenant where one is required, or a tenant that is no non-empty string. */
export class ScopeError extends RetrievalError {
  override readonly name = "ScopeError";
  override readonly code = "scope";
}

/** A store, model or service failed, or answered with something that cannot be trusted. */
export class AdapterError extends RetrievalError {
  override readonly name = "AdapterError";
  override readonly code: "adapter" | "conflict";
  readonly adapter: string;
  declare readonly status?: number;
  /** Whether the same call may succeed later. Default false. */
  readonly retryable: boolean;
  /** Milliseconds the service asked to wait. */
  declare readonly retryAfter?: number;
  constructor(
    adapter: string,
    message: string,
    options: {
      readonly retryable?: boolean;
      readonly code?: "adapter" | "conflict";
      readonly status?: number | undefined;
      readonly retryAfter?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${adapter}: ${message}`, options);
    const { retryable = false, code = "adapter", status, retryAfter } = options;
    this.adapter = adapter;
    this.code = code;
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

/** What a callback of the caller's threw inside of a store: the call ends with it, and no document is at fault. */
export const thrownByCallback: WeakSet<object> = new WeakSet();

/** By name and shape, not `instanceof`: an adapter may bring its own copy of this package. */
export function isAdapterError(error: unknown): error is AdapterError {
  return error instanceof Error && error.name === "AdapterError" && "retryable" in error;
}

/** Bytes that are no snapshot, damaged, or of a version that this release cannot read. */
export class SnapshotError extends RetrievalError {
  override readonly name = "SnapshotError";
  override readonly code = "snapshot";
}

/** The call's own `timeout` ran out; `stage` says in what. */
export class TimeoutError extends RetrievalError {
  override readonly name = "TimeoutError";
  override readonly code = "timeout";
  readonly stage: string;
  constructor(stage: string, timeout: number, options?: { readonly cause?: unknown }) {
    super(`${stage} took longer than the ${Math.ceil(timeout)} ms it was given.`, options);
    this.stage = stage;
  }
}

/** Some documents failed; the rest is done. The report names each with its error. */
export class PartialIndexError extends RetrievalError {
  override readonly name = "PartialIndexError";
  override readonly code = "partial";
  readonly report: IndexReport;
  constructor(report: IndexReport) {
    const { failed, documents } = report;
    const [first] = failed;
    const all = failed.length + documents.added + documents.updated + documents.unchanged;
    const why = first?.error instanceof Error ? first.error.message : String(first?.error);
    super(
      `${failed.length} of ${all} documents failed${all > failed.length ? ", the rest is indexed" : ""}. The first, ${quoted(first?.documentId ?? "")}: ${why}`,
      { cause: first?.error },
    );
    this.report = report;
  }
}

/** What is said of an option, or another value from the caller's code, that is not what it should be. */
export function unexpected(name: string, expected: string, received: unknown): ConfigError {
  return new ConfigError(`${name}: expected ${expected}, received ${shown(received)}`);
}

/** A string from outside, made safe to print: quoted, escaped, cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Any value from outside, in a few words for an error message. */
export function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  if (typeof value !== "object") return `a ${typeof value}`;
  if (value instanceof Uint8Array) return "bytes";
  return "then" in value ? "a promise; await it" : "an object";
}
