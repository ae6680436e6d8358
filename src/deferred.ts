/** Calls of what is loaded by the first of them; where that fails, the next one tries again. */
export function deferred<T extends object, Name extends keyof T & string>(
  load: () => Promise<T>,
  ...names: readonly Name[]
): Pick<T, Name> {
  let loading: Promise<T> | undefined;
  const loaded = (): Promise<T> =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  const calls = names.map((name) => [
    name,
    async (...given: unknown[]) => ((await loaded())[name] as (...given: unknown[]) => unknown)(...given),
  ]);
  // Each has the type of the one that it calls.
  return Object.fromEntries(calls) as Pick<T, Name>;
}
