import type { Ledger } from "./ledger.ts";
import type { LexicalLeg } from "./lexical-leg.ts";
import type { Opening } from "./opening.ts";
import type { Parts } from "./parts.ts";

/** What the calls of a retriever work with in one scope: with which parts, in which generation, for which tenant. */
export interface RetrieverScope {
  readonly parts: Parts;
  readonly opening: Opening;
  readonly lexical: LexicalLeg | undefined;
  readonly tenant: string | null;
  /** Of a staged generation: to be verified before it is published. */
  readonly ledger?: Ledger;
}
