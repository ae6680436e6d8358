/** Vectors: how they are read, what is stored of them, and how they are scored, in 32-bit floats. */
import { asFloat, asInteger, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { invalid, malformed, notEmulated, wrongInput } from "./refusal.ts";

export type Distance = "Cosine" | "Dot" | "Euclid" | "Manhattan";
export const distances: readonly Distance[] = ["Cosine", "Dot", "Euclid", "Manhattan"];

export interface Sparse {
  /** Ascending. */
  readonly indices: readonly number[];
  readonly values: Float32Array;
}
export type Vector = Float32Array | Sparse;
/** A list of lists is read, and refused where it is used: no collection here has multivectors. */
export type GivenVector = Vector | "multi";

export function isSparse(vector: GivenVector): vector is Sparse {
  return vector !== "multi" && !(vector instanceof Float32Array);
}

/** The named vectors of a point; a plain list is the vector without a name. Undefined when it is neither. */
export function parseVectors(value: Json | undefined, at: string): Map<string, GivenVector> | undefined {
  if (isList(value)) {
    const vector = parseVector(value, at);
    return vector === undefined ? undefined : new Map([["", vector]]);
  }
  if (!isObject(value)) return undefined;
  const vectors = new Map<string, GivenVector>();
  for (const [name, given] of Object.entries(value)) {
    if (isObject(given) && !("indices" in given) && ("text" in given || "image" in given))
      throw notEmulated("inference");
    const vector = parseVector(given, `${at}.?`);
    if (vector === undefined) return undefined;
    vectors.set(name, vector);
  }
  return vectors;
}

function parseVector(value: Json | undefined, at: string): GivenVector | undefined {
  if (isList(value)) {
    if (value.length > 0 && value.every((item) => parseFloats(item) !== undefined)) return "multi";
    const floats = parseFloats(value);
    if (floats?.length === 0) throw invalid(`${at}.vector`, "dense vector must not be empty");
    return floats;
  }
  return isObject(value) ? parseSparse(value, at) : undefined;
}

export function parseFloats(value: Json | undefined): Float32Array | undefined {
  if (!isList(value)) return undefined;
  const floats = new Float32Array(value.length);
  for (let index = 0; index < value.length; index++) {
    const float = asFloat(value[index]);
    if (float === undefined) return undefined;
    floats[index] = float;
  }
  return floats;
}

export function parseSparse(value: JsonObject, at: string): Sparse | undefined {
  const values = parseFloats(value["values"]);
  const indices = isList(value["indices"]) ? value["indices"].map(asInteger) : undefined;
  if (values === undefined || indices === undefined) return undefined;
  if (!indices.every((index) => typeof index === "number" && index >= 0 && index < 2 ** 32)) return undefined;
  if (values.length !== indices.length)
    throw invalid(`${at}.values`, "Validation error: must be the same length as indices [{}]");
  if (new Set(indices).size !== indices.length) throw invalid(`${at}.indices`, "Validation error: must be unique [{}]");
  const order = Array.from(indices.keys()).toSorted((a, b) => Number(indices[a]) - Number(indices[b]));
  return {
    indices: order.map((place) => Number(indices[place])),
    values: Float32Array.from(order, (place) => values[place] as number),
  };
}

export function refuseVectors(): never {
  throw malformed("data did not match any variant of untagged enum VectorStruct");
}

export function kindsDiffer(vector: GivenVector): never {
  throw wrongInput(`Conversion between ${vector === "multi" ? "multi" : "sparse"} and regular vectors failed`);
}

/** Cosine stores directions: of too short and of unit vectors the numbers stay as they are. */
export function stored(vector: Float32Array, distance: Distance): Float32Array {
  if (distance !== "Cosine") return vector;
  let squares = 0;
  for (const value of vector) squares = Math.fround(squares + Math.fround(value * value));
  if (squares < 2 ** -23 || Math.abs(squares - 1) <= 1e-6) return vector;
  const length = Math.fround(Math.sqrt(squares));
  return vector.map((value) => value / length);
}

/** The score as it is answered: similarity for Cosine and Dot, distance for the others. */
export function denseScore(a: Float32Array, b: Float32Array, distance: Distance): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) {
    const value = a[index] as number;
    const other = b[index] as number;
    if (distance === "Euclid") sum += (value - other) ** 2;
    else if (distance === "Manhattan") sum += Math.abs(value - other);
    else sum += value * other;
  }
  return Math.fround(distance === "Euclid" ? Math.sqrt(sum) : sum);
}

export function smallerIsBetter(distance: Distance): boolean {
  return distance === "Euclid" || distance === "Manhattan";
}

/** The dot product, or undefined when no index is shared: such a point is not in the answer. */
export function sparseScore(weights: ReadonlyMap<number, number>, vector: Sparse): number | undefined {
  let sum = 0;
  let shared = false;
  for (let place = 0; place < vector.indices.length; place++) {
    const weight = weights.get(vector.indices[place] as number);
    if (weight === undefined) continue;
    shared = true;
    sum = Math.fround(sum + Math.fround(weight * (vector.values[place] as number)));
  }
  return shared ? sum : undefined;
}
