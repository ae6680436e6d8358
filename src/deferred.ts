/** Calls of what is loaded by the first of them. */
export function deferred<T extends object, Name extends keyof T & string>(
  load: () => Promise<T>,
  ...names: readonly Name[]
): Pick<T, Name> {
  let loading: Promise<T> | undefined;
  const calls = names.map((name) => [
    name,
    async (...given: unknown[]) => ((await (loading ??= load()))[name] as (...given: unknown[]) => unknown)(...given),
  ]);
  // Each has the type of the one that it calls.
  return Object.fromEntries(calls) as Pick<T, Name>;
}
