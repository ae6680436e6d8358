/** What plain JavaScript may pass where types would stop it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- inferred from where the value goes
export function untyped<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the point of it
  return value as T;
}
