/** What only some searches need, those with a model or with a question beyond the hits: loaded by the first of them. */

export { embedQuery } from "../embed/request.ts";
export { rerankTexts } from "../rerank/reranking.ts";
export { certaintyOf } from "./confidence.ts";
export { explanations } from "./explanation.ts";
