export { table, type Cell } from "../src/node/cli/table.ts";
