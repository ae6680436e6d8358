/** The array, or one at least `growth` times as long that begins with it. */
export function roomFor<A extends Uint32Array | Float32Array | Float64Array>(array: A, length: number, growth = 2): A {
  if (length <= array.length) return array;
  const Same = array.constructor as new (length: number) => A;
  const longer = new Same(Math.max(length, Math.floor(array.length * growth)));
  longer.set(array);
  return longer;
}
