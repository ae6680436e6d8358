// oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-type-assertion -- it takes what a user wrote as it comes
/**
 * What a filter means, written a second time from the truth table alone: it walks what the user wrote, knows nothing of
 * the closed tree, and keeps Dates as Dates.
 */
export function oracle(filter: Readonly<Record<string, unknown>>, row: Readonly<Record<string, unknown>>): boolean {
  let holds = true;
  for (const key of Object.keys(filter)) {
    const operand: any = filter[key];
    if (key === "AND") for (const part of operand) holds = oracle(part, row) && holds;
    else if (key === "OR") {
      let some = false;
      for (const part of operand) some = oracle(part, row) || some;
      holds = some && holds;
    } else if (key === "NOT") holds = !oracle(operand, row) && holds;
    else holds = testField(operand, row[key]) && holds;
  }
  return holds;
}

function testField(test: any, stored: any): boolean {
  const have: unknown[] = stored === null || stored === undefined ? [] : Array.isArray(stored) ? stored : [stored];
  if (typeof test !== "object" || test instanceof Date) return have.some((value) => same(value, test));
  let holds = true;
  const bounds = ["gt", "gte", "lt", "lte"].filter((operator) => operator in test);
  if (bounds.length > 0)
    holds = have.some((value) => bounds.every((operator) => inside(operator, value, test[operator])));
  for (const operator of Object.keys(test)) {
    const operand = test[operator];
    const any = (list: unknown[]): boolean => list.some((wanted) => have.some((value) => same(value, wanted)));
    if (operator === "eq" || operator === "has") holds = any([operand]) && holds;
    if (operator === "ne") holds = !any([operand]) && holds;
    if (operator === "in" || operator === "hasAny") holds = any(operand) && holds;
    if (operator === "notIn" || operator === "hasNone") holds = !any(operand) && holds;
    if (operator === "hasAll") for (const wanted of operand) holds = any([wanted]) && holds;
    if (operator === "exists") holds = have.length > 0 === operand && holds;
    if (operator === "startsWith") {
      holds = have.some((value) => typeof value === "string" && value.slice(0, operand.length) === operand) && holds;
    }
  }
  return holds;
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return a === b;
}

function inside(operator: string, value: unknown, bound: unknown): boolean {
  const [a, b] = [scale(value), scale(bound)];
  if (value instanceof Date !== bound instanceof Date || a === undefined || b === undefined) return false;
  return operator === "gt" ? a > b : operator === "gte" ? a >= b : operator === "lt" ? a < b : a <= b;
}

function scale(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : typeof value === "number" ? value : undefined;
}
