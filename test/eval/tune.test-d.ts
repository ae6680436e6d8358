import { z } from "zod";
import { createRetriever, recursive, type Calibration } from "../../src/index.ts";
import {
  calibrate,
  generateQueries,
  sentenceQueries,
  tune,
  type EvalQuery,
  type TuningReport,
} from "../../src/eval/index.ts";

const queries: EvalQuery[] = [];
const report: TuningReport = await tune({
  documents: [{ id: "a", text: "t" }],
  queries,
  base: { metadata: z.object({ year: z.number() }) },
  space: { chunker: { recursive }, size: [300] },
  onProgress: (done, total, { left = 0 }) => void (done + total + left),
});
const gain: number = report.heldOutGain;
const [low, high]: readonly [number, number] = report.interval;
report.chosen.source.trim();
void (gain + low + high);
// @ts-expect-error no such axis
await tune({ documents: [], queries, space: { sizes: [1] } });
// @ts-expect-error topK is found, not compared with
await tune({ documents: [], queries, standard: { topK: 3 } });
// @ts-expect-error a report is not to be changed
report.moved = true;

const docs = createRetriever({ metadata: z.object({ year: z.number() }) });
const calibration: Calibration = await calibrate(docs, [], [{ id: "u", text: "t" }], { falseFound: 0.05 });
const { answerable, confidence } = await docs.search("q", { calibration });
const told: boolean | undefined = answerable;
const number: number | undefined = confidence;
void [told, number];
// @ts-expect-error a threshold alone is no calibration
await docs.search("q", { calibration: { threshold: 0.3 } });
// @ts-expect-error a string is no year
await calibrate(docs, [{ id: "q", text: "t", judgments: [], filter: { year: "2026" } }], []);

const set = await generateQueries({ documents: [{ id: "a", text: "t" }], generator: sentenceQueries() });
await tune({ documents: set.documents, queries: set.queries });
// @ts-expect-error a name is no generator
await generateQueries({ documents: [], generator: "sentence" });
