import type { Store } from "../../../src/types.ts";

/** A database that tests run on. */
export interface RemoteEngine {
  readonly name: string;
  open(): Promise<{
    /** A store of tables or collections that nobody else uses. */
    emptyStore(): Store;
    close(): Promise<void>;
  }>;
}
