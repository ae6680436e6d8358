const pattern = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;
const reserved: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "__proto__", "constructor", "prototype"]);

/** Names that every store can address without quoting, and that no object inherits. */
export function isFieldName(name: string): boolean {
  return pattern.test(name) && !reserved.has(name);
}

export const fieldNameRule =
  "a letter or _, then up to 62 letters, digits, _ or -, and none of AND, OR, NOT, __proto__, constructor, prototype";
