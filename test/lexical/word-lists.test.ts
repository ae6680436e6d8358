import fc from "fast-check";
import { expect, test } from "vitest";
import { wordLists } from "../../src/lexical/word-lists.ts";

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("create" as const), length: fc.nat(70) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("resize" as const),
        which: fc.nat(),
        // Over every page border: shared blocks end at 8,192 words, pages at 65,536.
        length: fc.oneof(fc.nat(20), fc.nat(300), fc.nat(20_000), fc.constantFrom(0, 8192, 8193, 65_536, 65_537)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("drop" as const), which: fc.nat() }) },
  ),
  { maxLength: 60 },
);

test("lists grow, shrink, go and come again without touching each other", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const lists = wordLists();
      const model = new Map<number, number[]>();
      let word = 0;
      const resize = (number: number, length: number): void => {
        const words = model.get(number) ?? [];
        const before = words.length;
        lists.resize(number, length);
        words.length = Math.min(length, before);
        for (let i = before; i < length; i++) {
          words.push(++word);
          lists.words(number)[i] = word;
        }
        model.set(number, words);
      };
      for (const step of list) {
        const numbers = [...model.keys()];
        if (step.type === "create") {
          const number = lists.create();
          expect(model.has(number)).toBe(false);
          expect(number).toBeLessThan(lists.created);
          expect(lists.lengthOf(number)).toBe(0);
          resize(number, step.length);
          continue;
        }
        const number = numbers[step.which % numbers.length];
        if (number === undefined) continue;
        if (step.type === "resize") resize(number, step.length);
        else {
          lists.drop(number);
          model.delete(number);
        }
      }
      for (const [number, words] of model) {
        expect(lists.lengthOf(number)).toBe(words.length);
        expect(lists.words(number)).toEqual(Uint32Array.from(words));
      }
    }),
    { numRuns: 60 },
  );
});

test("numbers of dropped lists come again", () => {
  const lists = wordLists();
  for (let round = 0; round < 100; round++) {
    const number = lists.create();
    lists.resize(number, 50);
    lists.drop(number);
  }
  expect(lists.created).toBe(1);
});
