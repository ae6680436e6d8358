const pattern = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;
const reserved: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "prototype"]);

/** Names that every store can address without quoting, and that no object inherits. */
export function isFieldName(name: string): boolean {
  return pattern.test(name) && !reserved.has(name) && !(name in {});
}

export const fieldNameRule =
  "a letter or _, then up to 62 letters, digits, _ or -, but not AND, OR, NOT, prototype or what every object has";
