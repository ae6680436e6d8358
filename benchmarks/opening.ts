import { collect, computed } from "./cost.ts";
import { openingOf } from "./vector-peers.ts";

/** A process that opens a snapshot and searches it once, for `vectors`: prints the milliseconds of CPU that took. */

const [name = "", file = "", folder = "", asked = ""] = process.argv.slice(2);
const query = new Float32Array(Uint8Array.from(Buffer.from(asked, "base64")).buffer);
const opening = await openingOf(name, folder);
// What loading left is nobody's garbage.
collect();
const start = computed();
await opening(file, query, 10);
console.log((computed() - start).toFixed(1));
