/** Runs in one go what could have been run in steps. */
export function finished<T>(steps: Generator<void, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs step by step, so that others can run in between. */
export async function finishedSlowly<T>(
  steps: Generator<void, T, undefined>,
  breathe: () => Promise<void>,
): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}
