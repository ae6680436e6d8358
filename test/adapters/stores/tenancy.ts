import { expect } from "vitest";
import { randomTree } from "../../../src/testing/filter-rows.ts";
import { seededRandom } from "../../../src/testing/random.ts";
import { open, row, terms, uuid, vector } from "../../../src/testing/store-rows.ts";
import type { Store } from "../../../src/types.ts";

/** Raised by hand for longer runs. */
const attackRuns = Number(process.env["GROUNDLINE_ATTACK_RUNS"] ?? 400);

/** A tenant's row, told by its context and its metadata. */
export function of(tenant: string, documentId: string): ReturnType<typeof row> {
  return row(documentId, 0, { id: uuid(`${tenant} / ${documentId}`), context: tenant, metadata: { tenant } });
}

/** Filters, ids and names reach no foreign row, count or score. */
export async function expectNoForeignRows(store: Store): Promise<void> {
  const root = await open(store);
  const acme = root.forTenant("acme");
  await acme.write(of("acme", "guide"));
  const query = { limit: 50, lexical: terms({ 1: 1 }), dense: { vector: vector(1, 0, 0, 0) }, statistics: true };
  const alone = await acme.search(query);
  await root.forTenant("rival").write(...Array.from({ length: 20 }, (_, number) => of("rival", `secret ${number}`)));
  await root.write(of("", "unscoped"));
  expect(await acme.search(query)).toEqual(alone);

  const random = seededRandom(404);
  const hostile = [
    "rival",
    "",
    "' OR TRUE --",
    "acme' OR tenant = 'rival",
    "%",
    "*",
    '{"$ne":null}',
    "\\",
    "$1",
    "__proto__",
  ];
  for (let run = 0; run < attackRuns; run++) {
    const text = random.pick(hostile as [string, ...string[]]);
    const field = random.pick(["tenant", "id", text, "tenant' IS NOT NULL OR '"]);
    const filter = random.pick([
      { op: "in", field, kind: "string", values: [text, "rival"] } as const,
      { op: "not", part: { op: "prefix", field, value: text } } as const,
      { op: "or", parts: [{ op: "always" }, { op: "exists", field }] } as const,
      randomTree(random),
    ]);
    const about = JSON.stringify(filter);
    const answer = await acme.search({ ...query, filter });
    expect(
      [...answer.chunks.values()].filter(({ context }) => context !== "acme"),
      about,
    ).toEqual([]);
    const candidates = [...(answer.dense ?? []), ...(answer.lexical ?? [])].map(({ id }) => id);
    expect(
      candidates.filter((id) => id !== of("acme", "guide").id),
      about,
    ).toEqual([]);
    expect(answer.statistics, about).toEqual(alone.statistics);
    expect((await acme.count(filter)).chunks, about).toBeLessThanOrEqual(1);
    expect(await acme.list({ filter, limit: 5 }), about).not.toContainEqual(
      expect.objectContaining({ id: "secret 1" }),
    );
    expect(await acme.read(text, "secret 1", "unscoped"), about).toEqual([]);
    expect(await acme.readChunks(text, of("rival", "secret 1").id), about).toEqual([]);
  }
  await acme.erase(...hostile, "secret 1", "unscoped");
  expect(await root.forTenant("rival").count()).toEqual({ documents: 20, chunks: 20 });
  expect(await root.count()).toEqual({ documents: 1, chunks: 1 });
}
