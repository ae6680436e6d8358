import { describe, expect, test } from "vitest";
import { createRetriever, memory, type MemoryAdvice } from "../../src/index.ts";
import { advised } from "../../src/stores/advice.ts";
import { type Change, emptyState, type MemoryState } from "../../src/stores/memory-state.ts";
import { atOnce, type Commit, memoryDefaults, memoryStore } from "../../src/stores/memory-store.ts";
import { rejection } from "../rejection.ts";
import { untyped } from "../untyped.ts";

const failure = new Error("the display is gone");
const signal = new AbortController().signal;

/** A store that counts so much, whatever is written to it. */
function stateOf(held: { chunks: number; vectorBytes: number }): MemoryState {
  const state = emptyState();
  const counted = {
    get chunks() {
      return held.chunks;
    },
    get dense() {
      return { bytes: held.vectorBytes };
    },
  };
  state.generations.set("one", untyped({ tenants: new Map([[null, counted]]) }));
  return state;
}

const written = (count: number): Change => ({
  op: "replace",
  scope: { generation: "one", tenant: null },
  documents: [{ id: "d", chunks: untyped(Array.from({ length: count }, () => ({}))) }],
});

describe("advice", () => {
  test("is given once, after the write that passed a limit, with what is held and the limits", async () => {
    const held = { chunks: 999_000, vectorBytes: 5 };
    const said: MemoryAdvice[] = [];
    const commit = advised(atOnce, stateOf(held), (advice) => said.push(advice));
    const write = (count: number): Promise<void> =>
      commit(
        () => written(count),
        () => (held.chunks += count),
        signal,
      );
    await write(66_000);
    await write(1);
    await write(70_000);
    expect(said.length).toBe(1);
    expect(said[0]).toMatchObject({
      reason: "chunks",
      chunks: 1_065_000,
      vectorBytes: 5,
      limits: { chunks: 1_000_000, vectorBytes: 2 ** 31 },
    });
    expect(said[0]?.message).toContain("1065000 chunks");
  });

  test("comes for vectors, too, and not before there is so much", async () => {
    const held = { chunks: 10, vectorBytes: 2 ** 31 - 1 };
    const said: MemoryAdvice[] = [];
    const commit = advised(atOnce, stateOf(held), (advice) => said.push(advice));
    const write = (): Promise<void> =>
      commit(
        () => written(66_000),
        () => undefined,
        signal,
      );
    await write();
    expect(said).toEqual([]);
    held.vectorBytes++;
    await write();
    expect(said.map(({ reason }) => reason)).toEqual(["vectors"]);
  });

  test.each([
    [
      "throws",
      (): void => {
        throw failure;
      },
    ],
    [
      "rejects",
      async (): Promise<void> => {
        throw failure;
      },
    ],
  ])("that is not taken ends the call that wrote so much, once, with what the callback %s", async (_, onAdvice) => {
    const commit = advised(atOnce, stateOf({ chunks: 2_000_000, vectorBytes: 0 }), onAdvice);
    // As if each write were of many chunks.
    const large: Commit = (plan, apply, ...rest) => {
      let change: Change | undefined;
      const enlarged = (): Change | undefined => {
        change = plan();
        return change?.op === "replace" ? written(66_000) : change;
      };
      return commit(enlarged, () => change && apply(change), ...rest);
    };
    const docs = createRetriever({ store: memoryStore(memoryDefaults, { commit: large }) });
    const documents = ["a", "b", "c"].map((id) => ({ id, text: id }));
    expect(await rejection(docs.index(documents, { onFailure: "collect" }))).toBe(failure);
    expect((await docs.index(documents)).documents.unchanged).toBe(3);
  });

  test("goes to a function only", () => {
    expect(() => memory(untyped({ onAdvice: "log" }))).toThrow("onAdvice: expected a function");
  });
});
