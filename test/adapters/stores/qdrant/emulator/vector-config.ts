/** The vectors of a collection, as they are asked for. */
import { kindOf, readString } from "./body.ts";
import { asInteger, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { invalid, malformed, wrongInput } from "./refusal.ts";
import { type Distance, distances } from "./vectors.ts";

export interface DenseConfig {
  readonly size: number;
  readonly distance: Distance;
  /** As it was given, for `GET /collections/{name}`. */
  readonly given: JsonObject;
}
export interface SparseConfig {
  readonly idf: boolean;
  readonly given: JsonObject;
}

export function readDense(value: Json | undefined): Map<string, DenseConfig> {
  if (value === undefined) return new Map();
  const unreadable = malformed("data did not match any variant of untagged enum VectorsConfig");
  if (!isObject(value)) throw unreadable;
  const named: [string, Json][] =
    "size" in value && "distance" in value && !isObject(value["size"]) ? [["", value]] : Object.entries(value);
  return new Map(
    named.map(([name, given]) => {
      const size = isObject(given) ? asInteger(given["size"]) : undefined;
      const distance = isObject(given) ? distances.find((one) => one === given["distance"]) : undefined;
      if (!isObject(given) || size === undefined || distance === undefined || size <= 0) throw unreadable;
      if (size > 65536) throw invalid("vectors.?.size", `value ${size} invalid, must be from 1 to 65536`);
      return [
        name,
        {
          size: Number(size),
          distance,
          given: known(given, [
            "size",
            "distance",
            "hnsw_config",
            "quantization_config",
            "on_disk",
            "datatype",
            "multivector_config",
          ]),
        },
      ];
    }),
  );
}

function known(given: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.filter((key) => given[key] !== undefined && given[key] !== null).map((key) => [key, given[key] as Json]),
  );
}

export function readSparseConfig(given: Json): SparseConfig {
  if (!isObject(given)) throw malformed(`invalid type: ${kindOf(given)}, expected struct SparseVectorParams`);
  const { modifier } = given;
  if (modifier !== undefined && modifier !== null && modifier !== "none" && modifier !== "idf") {
    throw malformed(`unknown variant \`${readString(modifier, "modifier")}\`, expected \`none\` or \`idf\``);
  }
  return { idf: modifier === "idf", given: known(given, ["index", "modifier"]) };
}

export function readSparse(value: Json | undefined): Map<string, SparseConfig> {
  if (value === undefined || value === null) return new Map();
  if (!isObject(value)) throw malformed(`invalid type: ${isList(value) ? "sequence" : kindOf(value)}, expected a map`);
  return new Map(Object.entries(value).map(([name, given]) => [name, readSparseConfig(given)]));
}

export function checkVectorName(name: string, kind: string): void {
  const refused = (why: string) => wrongInput(`Invalid ${kind} vector name \`${name}\`: ${why}`);
  if (new TextEncoder().encode(name).length > 200) throw refused("vector name must be at most 200 bytes long");
  const bad = ["/", "\\", "\0", ":", "*", "?", '"', "<", ">", "|"].find((character) => name.includes(character));
  if (bad !== undefined) throw refused(`vector name cannot contain "${bad}" char`);
}
