import { expect, test } from "vitest";
import { spannedQueries } from "../../benchmarks/trials.ts";
import type { EvalQuery } from "../../src/eval/index.ts";

const query = (id: number, span?: { start: number; end: number }): EvalQuery => ({
  id: `${id}`,
  text: "one",
  judgments: [{ documentId: "a", ...(span && { span }) }],
});

test("trials need true spans, of more queries than are chosen by", () => {
  const spanned = [1, 2, 3].map((id) => query(id, { start: 0, end: 1 }));
  expect(spannedQueries([query(0), ...spanned], "folder", 2)).toEqual(spanned);
  expect(() => spannedQueries([query(0)], "folder", 2)).toThrow("folder: expected spans.jsonl with true spans");
  expect(() => spannedQueries(spanned, "folder", 3)).toThrow("--labels: expected fewer than the 3 queries");
});
