/** What a promise rejects with; throws where it does not. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, received ${String(value)}`);
}
