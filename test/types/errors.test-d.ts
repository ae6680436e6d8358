import { AdapterError, type ConfigError, type FilterError, RetrievalError } from "../../src/index.ts";

declare const error: AdapterError | ConfigError | FilterError;
// Both what it is called and its code tell which one it is, also across two copies of the package.
if (error.code === "filter") error.path satisfies string;
if (error.code === "conflict") error.retryable satisfies boolean;
if (error.name === "ConfigError") error.code satisfies "config";
// @ts-expect-error where to look is known of a filter alone
if (error.code === "config") error.path satisfies string;
// @ts-expect-error there are only errors of one kind or another
export const nothing = new RetrievalError("wrong");
// @ts-expect-error a code that no error has
if (error.code === "network") throw error;
export const final = new AdapterError("store", "it is closed");
