/** The package has no types. These are of what is called here, as read in its version 3.1.2. */
declare module "wink-bm25-text-search" {
  function create(): create.Engine;
  namespace create {
    interface Engine {
      defineConfig(config: {
        readonly fldWeights: Readonly<Record<string, number>>;
        readonly bm25Params: { readonly k1: number; readonly b: number; readonly k: number };
        /** The fields that a filter is given. */
        readonly ovFldNames: readonly string[];
      }): void;
      /** Without a field: for queries, and for fields that have none of their own. */
      definePrepTasks(tasks: readonly ((input: never) => unknown)[], field?: string): void;
      addDoc(document: Readonly<Record<string, unknown>>, id: string): void;
      /** Rounds to so many decimals, 4 by default. */
      consolidate(decimals?: number): void;
      search(text: string, limit: number, filter: (fields: never) => boolean): readonly (readonly [string, number])[];
    }
  }
  export = create;
}
