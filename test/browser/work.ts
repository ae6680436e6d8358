import { createRetriever, memory, memoryFromBytes } from "../../src/index.ts";
import { vectors, vectorsFromBytes } from "../../src/dense/vectors.ts";
import { normal, random } from "../dense/generated.ts";

/** Runs in a page and in a worker, and tells the server that it came from what it has found. */

const dimensions = 48;
const count = 10_000;

function searchVectors(): object {
  const gauss = normal(random(5));
  const all = Float32Array.from({ length: count * dimensions }, gauss);
  const index = vectors({ dimensions });
  index.addAll(
    Array.from({ length: count }, (_, number) => `vector ${number}`),
    all,
  );
  const reopened = vectorsFromBytes(index.toBytes());
  let [itself, same] = [0, 0];
  for (let number = 0; number < count; number += 100) {
    const query = all.subarray(number * dimensions, (number + 1) * dimensions);
    const found = index.search(query);
    if (found[0]?.id === `vector ${number}`) itself++;
    if (JSON.stringify(found) === JSON.stringify(reopened.search(query))) same++;
  }
  return { size: reopened.size, itself, same };
}

async function searchTexts(): Promise<object> {
  const store = memory({ latent: { dimensions: 4, minDocuments: 10 } });
  const docs = createRetriever({ store });
  await docs.index(
    Array.from({ length: 60 }, (_, number) => ({
      id: `${number}`,
      text: `Number ${number} is ${number % 3 === 0 ? "a fizz" : "another"}.`,
    })),
  );
  const before = await docs.search("fizz");
  const after = await createRetriever({ store: memoryFromBytes(store.toBytes()) }).search("fizz");
  return {
    scoreKind: after.scoreKind,
    hits: after.hits.length,
    same: JSON.stringify(after.hits) === JSON.stringify(before.hits),
  };
}

const report = async (): Promise<object> => {
  try {
    return { vectors: searchVectors(), texts: await searchTexts() };
  } catch (error) {
    return { error: String(error) };
  }
};
const where = "document" in globalThis ? "page" : "worker";
await fetch(`/report?from=${where}`, { method: "POST", body: JSON.stringify(await report()) });
