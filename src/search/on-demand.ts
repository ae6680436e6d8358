/** What a search tells beyond its hits: loaded by the first one that is asked for it. */

export { certaintyOf } from "./confidence.ts";
export { explanations } from "./explanation.ts";
