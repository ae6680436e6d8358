/** Keys into a payload: `a.b`, `a[0]`, `a[]`, `"quoted key"`. A dot never means a literal dot outside quotes. */
import { emptyObject, isList, isObject, type Json, type JsonObject } from "./json.ts";
import { malformed } from "./refusal.ts";

/** One step: into an object, to one element, to every element. */
export type Step = { readonly key: string } | { readonly index: number } | "each";
export type Path = readonly Step[];

const first = /(?:([\p{Alphabetic}\p{N}_-]+)|"([^"\\]*)")/uy;
const next = /(?:\.(?:([\p{Alphabetic}\p{N}_-]+)|"([^"\\]*)"))|\[(\d*)\]/uy;

function parsePath(text: string): Path | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < text.length || steps.length === 0;) {
    const pattern = steps.length === 0 ? first : next;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    const key = found[1] ?? found[2];
    if (key !== undefined) steps.push({ key });
    else steps.push(found[3] === "" ? "each" : { index: Number(found[3]) });
  }
  return steps;
}

export function readPath(text: string): Path {
  const path = parsePath(text);
  if (path === undefined) throw malformed(`Invalid json path: '${text}'`);
  return path;
}

/** Every value that the path leads to. */
export function valuesAt(value: Json, path: Path, from = 0): Json[] {
  const step = path[from];
  if (step === undefined) return [value];
  if (step === "each") return isList(value) ? value.flatMap((item) => valuesAt(item, path, from + 1)) : [];
  if ("index" in step) {
    const item = isList(value) ? value[step.index] : undefined;
    return item === undefined ? [] : valuesAt(item, path, from + 1);
  }
  const item = isObject(value) ? value[step.key] : undefined;
  return item === undefined ? [] : valuesAt(item, path, from + 1);
}

/** The payload with the entries merged into the object at the path, which is made when it is not there. */
export function mergedAt(target: Json | undefined, path: Path, entries: JsonObject, from = 0): Json {
  const step = path[from];
  if (step === undefined) {
    const merged = Object.assign(emptyObject(), isObject(target) ? target : {}, entries);
    for (const [key, item] of Object.entries(merged)) if (item === null && entries[key] === null) delete merged[key];
    return merged;
  }
  if (step === "each") return isList(target) ? target.map((item) => mergedAt(item, path, entries, from + 1)) : [];
  if ("index" in step) {
    if (!isList(target)) return [];
    return target.map((item, at) => (at === step.index ? mergedAt(item, path, entries, from + 1) : item));
  }
  const copy = Object.assign(emptyObject(), isObject(target) ? target : {});
  copy[step.key] = mergedAt(copy[step.key], path, entries, from + 1);
  return copy;
}

/** The payload without the key that the path names. Elements of arrays cannot be removed, as with the server. */
export function withoutKey(target: Json, path: Path, from = 0): Json {
  const step = path[from];
  if (step === undefined) return target;
  const last = from === path.length - 1;
  if (step === "each")
    return isList(target) ? (last ? [] : target.map((item) => withoutKey(item, path, from + 1))) : target;
  if ("index" in step) {
    if (!isList(target) || last) return target;
    return target.map((item, at) => (at === step.index ? withoutKey(item, path, from + 1) : item));
  }
  if (!isObject(target) || !(step.key in target)) return target;
  const copy = Object.assign(emptyObject(), target);
  if (last) delete copy[step.key];
  else copy[step.key] = withoutKey(copy[step.key] as Json, path, from + 1);
  return copy;
}

/** What of the payload lies under the paths: `with_payload: ["a.b"]` gives `{ a: { b } }`. */
export function included(payload: JsonObject, paths: readonly Path[]): JsonObject {
  return pick(
    payload,
    paths.map((path) => path.slice()),
  ) as JsonObject;
}

function pick(value: Json, paths: readonly Path[]): Json {
  if (paths.some((path) => path.length === 0)) return value;
  if (isList(value)) {
    const rest = paths.map((path) => (path[0] === "each" ? path.slice(1) : path)); // an index selects nothing
    if (rest.some((path) => path.length === 0)) return value;
    return value.map((item) => pick(item, rest)).filter((item) => isObject(item) && Object.keys(item).length > 0);
  }
  if (!isObject(value)) return value;
  const copy = emptyObject();
  for (const [key, item] of Object.entries(value)) {
    const under = paths.filter((path) => typeof path[0] === "object" && "key" in path[0] && path[0].key === key);
    if (under.length > 0)
      copy[key] = pick(
        item,
        under.map((path) => path.slice(1)),
      );
  }
  return copy;
}

export function excluded(payload: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce<Json>((rest, path) => withoutKey(rest, path), payload) as JsonObject;
}
