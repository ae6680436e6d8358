import { z } from "zod";
import { createRetriever } from "../../src/index.ts";
import { evaluate, measure, type EvalQuery } from "../../src/eval/index.ts";

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
