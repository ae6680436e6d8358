import { expect, test } from "vitest";
import { merges } from "../../src/tokens/merges.ts";

test("what two tokens make is told by all bits of both", () => {
  const size = 2 ** 18;
  const { add, joined } = merges(size);
  for (let left = 0; left < size; left++) add(left, 5, size - 1 - left, 0);
  let mistaken = 0;
  for (let left = 0; left < size; left++) {
    if (joined(left, 5) !== size - 1 - left) mistaken++;
    for (let right = 5 + 2 ** 14; right < size; right += 2 ** 14) if (joined(left, right) !== -1) mistaken++;
  }
  expect(mistaken).toBe(0);
});
