/** groundline/node: what needs Node.js. */

export { readBeir, type BeirCollection, type BeirOptions } from "./beir.ts";
export { fileCache, type FileCache } from "./file-cache.ts";
export { openBm25, openVectors, saveIndex } from "./index-file.ts";
export { readFolder } from "./folder.ts";
export { fileStore, type FileStore, type FileStoreOptions } from "./file-store.ts";
export { salvage, type Salvage } from "./salvage.ts";
export { openSnapshot, saveSnapshot } from "./snapshot-file.ts";
