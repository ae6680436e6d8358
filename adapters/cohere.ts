export { cohereEmbedder } from "./embedders/cohere.ts";
export { cohereReranker } from "./rerankers/cohere.ts";
export type { RemoteOptions } from "../src/http/remote-options.ts";
