/** `groundline/vectors`. */
export { vectors, vectorsFromBytes } from "./vector-index.ts";
export type { Candidate, IdSet, VectorIndex, VectorSearchOptions, VectorsOptions } from "./vector-index.ts";
