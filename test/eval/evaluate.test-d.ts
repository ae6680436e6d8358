import { z } from "zod";
import { createRetriever, type SourceDocument } from "../../src/index.ts";
import {
  calibrate,
  contaminatedBy,
  counterfactuals,
  evaluate,
  formatReview,
  generateQueries,
  measure,
  parseReview,
  sentenceQueries,
  titleQueries,
  tune,
  type EvalQuery,
} from "../../src/eval/index.ts";
import { readBeir } from "../../src/node/index.ts";

const docs = createRetriever({ metadata: z.object({ year: z.number() }) });
const query: EvalQuery<{ year: number }> = { id: "q", text: "t", judgments: [], filter: { year: { gte: 2 } } };
await evaluate(docs, [query]);
await evaluate(docs, [{ id: "q", text: "t", judgments: [{ documentId: "a" }], filter: { year: 2026 } }]);
// @ts-expect-error a string is no year
await evaluate(docs, [{ id: "q", text: "t", judgments: [], filter: { year: "2026" } }]);
await evaluate(createRetriever(), [{ id: "q", text: "t", judgments: [] }], {
  metrics: ["ndcg@10", "map"],
  budget: { characters: 2 },
});
// @ts-expect-error no such metric
await evaluate(docs, [], { metrics: ["f1@10"] });
const { mean } = measure({}, {}, ["ndcg@10"]);
mean["ndcg@10"].toFixed();
// @ts-expect-error not asked for
mean["map"];
await evaluate(createRetriever({ tenancy: "required" }).forTenant("a"), []);
// @ts-expect-error nothing to search without a tenant
await evaluate(createRetriever({ tenancy: "required" }), []);

// Queries from a file, or made of documents, go to a retriever with a schema too.
const { queries } = await readBeir("folder");
await evaluate(docs, queries);
await evaluate(docs, parseReview(""));
const written: EvalQuery[] = [{ id: "q", text: "t", judgments: [], filter: { year: 2026 } }];
await calibrate(docs, written, written);
// And typed ones to what takes those of any.
const documents = [{ id: "a", text: "t", metadata: { year: 2026 } }];
const made = await generateQueries({ documents, generator: sentenceQueries() });
await docs.index(made.documents);
await evaluate(docs, made.queries);
contaminatedBy(documents, [query]);
formatReview([query], documents);
await tune({ documents, queries: [query] });
await counterfactuals({ documents, queries: [query] });
// A schema may take anything.
const loose = z.object({ year: z.coerce.number() });
const coerced: SourceDocument<z.input<typeof loose>>[] = [];
await createRetriever({ metadata: loose }).index(
  (await generateQueries({ documents: coerced, generator: titleQueries() })).documents,
);
await tune({ documents: coerced, queries, base: { metadata: loose } });
