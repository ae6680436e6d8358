/** What only some retrievers need, those with a lexical index of someone else's or a generation to come: loaded by the first. */

export { lexicalLeg } from "../scope/lexical-leg.ts";
export { staged } from "./staging.ts";
