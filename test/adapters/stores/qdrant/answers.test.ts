import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "./emulator/index.ts";

/** Ids in runs: "1-3 7". */
type Runs = string;
type Step = readonly [request: string, body: string | null, status: number, result: unknown, order?: "unordered"];

/** What a real server answered to the essential questions. */
const recorded = JSON.parse(
  readFileSync(new URL("../../../fixtures/qdrant-answers.json", import.meta.url), "utf8"),
) as {
  readonly values: readonly (string | null)[];
  readonly indexes: Readonly<Record<string, unknown>>;
  readonly matrix: readonly (readonly [filter: object, ids: Runs, otherwise?: Readonly<Record<string, Runs>>])[];
  readonly documents: readonly object[];
  readonly documentIndexes: Readonly<Record<string, unknown>>;
  readonly random: readonly (readonly [filter: object, ids: Runs])[];
  readonly sessions: Readonly<Record<string, readonly Step[]>>;
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

async function ask(request: string, body: string | null): Promise<{ status: number; result: unknown }> {
  const [method = "GET", path = ""] = request.split(" ");
  const answer = await fetch(emulator.url + path, { method, body });
  const text = await answer.text();
  return { status: answer.status, result: text === "" ? undefined : (JSON.parse(text) as { result?: unknown }).result };
}

async function selected(collection: string, filter: object): Promise<readonly number[]> {
  const body = JSON.stringify({ filter, limit: 1000, with_payload: false });
  const { result } = await ask(`POST /collections/${collection}/points/scroll`, body);
  return (result as { points: { id: number }[] }).points.map(({ id }) => id);
}

async function fill(
  collection: string,
  payloads: readonly string[],
  indexes: Readonly<Record<string, unknown>>,
): Promise<void> {
  await ask(`PUT /collections/${collection}`, '{"vectors":{"dense":{"size":1,"distance":"Dot"}}}');
  for (const [field, schema] of Object.entries(indexes)) {
    await ask(
      `PUT /collections/${collection}/index?wait=true`,
      JSON.stringify({ field_name: field, field_schema: schema }),
    );
  }
  const points = payloads.map((payload, at) => `{"id":${at + 1},"vector":{"dense":[1]},"payload":${payload}}`);
  expect(
    (await ask(`PUT /collections/${collection}/points?wait=true`, `{"points":[${points.join(",")}]}`)).status,
  ).toBe(200);
}

function idsOf(runs: Runs): number[] {
  return runs
    .split(" ")
    .filter(Boolean)
    .flatMap((run) => {
      const [from = 0, to = from] = run.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, at) => from + at);
    });
}

describe("each condition over 63 values of every kind", () => {
  const all = recorded.values.map((_, at) => at + 1);

  test.each(["none", ...Object.keys(recorded.indexes)])("with this index: %s", async (kind) => {
    const payloads = recorded.values.map((value) => (value === null ? "{}" : `{"v":${value}}`));
    await fill(`matrix_${kind}`, payloads, kind === "none" ? {} : { v: recorded.indexes[kind] });
    for (const [filter, ids, otherwise] of recorded.matrix) {
      const expected = idsOf(otherwise?.[kind] ?? ids);
      expect(await selected(`matrix_${kind}`, filter), JSON.stringify(filter)).toEqual(expected);
      if (Object.keys(filter).length === 0) continue; // not a condition
      const rest = all.filter((id) => !expected.includes(id));
      expect(await selected(`matrix_${kind}`, { must_not: [filter] }), `not ${JSON.stringify(filter)}`).toEqual(rest);
    }
  });
});

test.each([
  ["with indexes", recorded.documentIndexes],
  ["without", {}],
])("random filters %s", async (name, indexes) => {
  const collection = name.replace(" ", "_");
  await fill(
    collection,
    recorded.documents.map((document) => JSON.stringify(document)),
    indexes,
  );
  for (const [filter, ids] of recorded.random) {
    expect(await selected(collection, filter), JSON.stringify(filter)).toEqual(idsOf(ids));
  }
});

test.each(Object.entries(recorded.sessions))("the session %s", async (_name, steps) => {
  for (const [request, body, status, result, order] of steps) {
    const answer = await ask(request, body);
    const about = `${request} ${body}`;
    expect(answer.status, about).toBe(status);
    if (status === 200) expectSame(answer.result, result, about, order === "unordered");
  }
});

const unseen = new Set(["version", "operation_id"]);

/** Numbers agree to 1e-5; of points with equal scores none has a place of its own, and the limit may cut between them. */
function expectSame(actual: unknown, wanted: unknown, about: string, unordered: boolean): void {
  if (typeof wanted === "number" && typeof actual === "number") {
    expect(Math.abs(actual - wanted), `${about}: ${actual} for ${wanted}`).toBeLessThanOrEqual(
      1e-5 * Math.max(Math.abs(wanted), 1e-3),
    );
  } else if (Array.isArray(wanted) && Array.isArray(actual)) {
    expect(actual, about).toHaveLength(wanted.length);
    if (unordered || wanted.some(isScored)) expectRanking(actual as Point[], wanted as Point[], about);
    else for (const [at, item] of wanted.entries()) expectSame(actual[at], item, `${about}[${at}]`, unordered);
  } else if (typeof wanted === "object" && wanted !== null && typeof actual === "object" && actual !== null) {
    const seen = Object.keys(actual).filter((key) => !unseen.has(key));
    expect(seen.toSorted(), about).toEqual(Object.keys(wanted).toSorted());
    for (const key of seen) {
      expectSame(
        (actual as Record<string, unknown>)[key],
        (wanted as Record<string, unknown>)[key],
        `${about}.${key}`,
        unordered,
      );
    }
  } else expect(actual, about).toEqual(wanted);
}

interface Point {
  readonly id: number | string;
  readonly score: number | null;
  readonly shard_key?: string;
}

function isScored(item: unknown): boolean {
  return typeof item === "object" && item !== null && "score" in item;
}

function expectRanking(actual: readonly Point[], wanted: readonly Point[], about: string): void {
  expectSame(
    actual.map(({ score }) => score),
    wanted.map(({ score }) => score),
    about,
    false,
  );
  const cut = [wanted[0], wanted.at(-1)].map((point) => point?.score ?? null); // by offset and limit
  for (const point of wanted) {
    const twin = actual.find(
      ({ id, score, shard_key }) => id === point.id && shard_key === point.shard_key && same(score, point.score),
    );
    if (twin !== undefined) expectSame(twin, point, about, false);
    else
      expect(
        cut.some((score) => same(point.score, score)),
        `${about}: ${point.id} is missing`,
      ).toBe(true);
  }
}

function same(a: number | null, b: number | null): boolean {
  return a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(b), 1e-3));
}
