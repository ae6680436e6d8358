/** The array, or one at least `growth` times as long that begins with it. */
export function roomFor<B extends ArrayBufferLike>(
  array: Uint32Array<B>,
  length: number,
  growth = 2,
): Uint32Array<B | ArrayBuffer> {
  if (length <= array.length) return array;
  const longer = new Uint32Array(Math.max(length, Math.floor(array.length * growth)));
  longer.set(array);
  return longer;
}
