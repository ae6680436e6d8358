import { writeSync } from "node:fs";
import { argv } from "node:process";
import { fileStore, saveSnapshot } from "../../../src/node/index.ts";
import { seededRandom } from "../../../src/testing/random.ts";

/**
 * Writes to a file store until it is killed, and says what was acknowledged: `node victim.mjs FOLDER COPY SEED`.
 * Documents have as many chunks as their version says, and each of them says the version.
 */
const [, , folder = "", copy = "", seed = ""] = argv;
const random = seededRandom(Number(seed));
const { signal } = new AbortController();

const store = await fileStore(folder, { compactAfter: 4000 });
const opened = await store.prepare({ fingerprint: {}, fields: {}, tenancy: false }, { signal });
const scope = { generation: opened?.generation ?? "", tenant: null };

const write = async (id: string): Promise<void> => {
  const before = await store.read(scope, { documentIds: [id] }, { signal });
  const version = Number(before[0]?.text.split(" ")[0] ?? 0) + 1;
  const chunks = Array.from({ length: 1 + (version % 4) }, (_, ordinal) => ({
    id: `${id} ${version % 2} ${ordinal}`,
    documentId: id,
    documentHash: `${version}`,
    ordinal,
    span: { start: ordinal, end: ordinal + 1 },
    line: 1,
    text: `${version} ${"x".repeat(50 * random.below(10))}`,
    gap: "",
    headings: [],
    metadata: {},
    legs: {},
  }));
  await store.replace({ scope, documents: [{ id, chunks }] }, { signal });
  say(`${id} ${version}\n`);
};
/** Where who listens is slow, the pipe is full for a while. */
const say = (line: string): void => {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
};
const save = async (): Promise<void> => {
  for (;;) await saveSnapshot(store, copy);
};

void save();
const writer = async (first: number): Promise<void> => {
  for (;;) await write(`document-${first + 3 * random.below(8)}`);
};
await Promise.all([writer(0), writer(1), writer(2)]);
