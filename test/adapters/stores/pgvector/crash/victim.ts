import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import type { PostgresClient } from "../../../../../adapters/stores/pgvector.ts";
import { copy, createRetriever } from "../../../../../src/index.ts";
import { copyParts, copyStore, documentsOf, liveRetriever, operationOf, sourceStore } from "./history.ts";

/** Writes until it is killed, and says what was acknowledged: `node victim.mjs PLACE SCHEMA ROUND`. */

const [, , place = "", schema = "public", first = "0"] = process.argv;
const client: PostgresClient = place.startsWith("postgres")
  ? new pg.Pool({ connectionString: place, max: 4 })
  : await PGlite.create(place, { extensions: { vector } });
const docs = liveRetriever(client, schema);
process.stdout.write("open\n");
for (let round = Number(first); ; round++) {
  const operation = operationOf(round);
  if (operation === "index") await docs.index(documentsOf(round));
  else if (operation === "sync") await docs.sync(documentsOf(round));
  else if (operation === "copy") {
    const store = copyStore(client, schema);
    await createRetriever({ ...copyParts, store }).clear();
    await copy(await sourceStore(), store, copyParts);
  } else {
    const staged = await docs.stage();
    await staged.index(documentsOf(round));
    await staged.publish();
  }
  process.stdout.write(`${round}\n`);
}
