import type { Metadata } from "../types.ts";

/** https://standardschema.dev, version 1, types only. */
export interface StandardSchema<In = unknown, Out = In> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}
export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };
/** `any` as input: a schema may take whatever it likes, as long as what comes out is flat. */
// oxlint-disable-next-line typescript/no-explicit-any
export type MetadataSchema = StandardSchema<any, Metadata>;
// oxlint-disable-next-line typescript/no-explicit-any
export type InputOf<S> = S extends StandardSchema<infer In, any> ? In : never;
// oxlint-disable-next-line typescript/no-explicit-any
export type OutputOf<S> = S extends StandardSchema<any, infer Out> ? Out : never;
