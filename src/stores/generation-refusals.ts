import { AdapterError, isAdapterError, quoted, UnsupportedError } from "../errors.ts";

/** What every store refuses of generations, in the name of the one that is asked. */

export function notThere(store: string, generation: string): AdapterError {
  return new AdapterError(store, `generation ${quoted(generation)} is not there; it may have been retired`);
}

export function isNotThere(error: unknown): boolean {
  return isAdapterError(error) && error.message.endsWith(" is not there; it may have been retired");
}

export function stillLive(store: string, generation: string): UnsupportedError {
  return new UnsupportedError(`${store}: the live generation ${generation} cannot be retired`);
}
