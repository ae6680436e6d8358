/** The promises of every port as cases for any test runner: a part of one's own is right when it passes its suite. */
export { chunkerSuite, type ChunkerSuiteOptions } from "./chunker.ts";
export { type ConformanceCase, expectFailures } from "./conformance.ts";
export { embedderSuite } from "./embedder.ts";
export { lexicalSuite } from "./lexical.ts";
export { rerankerSuite } from "./reranker.ts";
export { storeSuite } from "./store.ts";
