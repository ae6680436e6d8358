import { settingLines, type Setting } from "./setting.ts";
import { table, type Cell } from "./table.ts";

/** What a benchmark of several tables says: each as soon as it is there, or all of them as one JSON at the end. */
export interface Sheets {
  /** Marked as a heading by its own #s; without one it goes with the table before. */
  add(title: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): void;
  end(): void;
}

export interface SheetsOptions {
  readonly benchmark: string;
  readonly setting: Setting;
  readonly json: boolean;
  /** What else the figures depend on. */
  readonly given: Readonly<Record<string, unknown>>;
}

export function sheets({ benchmark, setting, json, given }: SheetsOptions): Sheets {
  const tables: { readonly title: string; readonly rows: readonly Readonly<Record<string, unknown>>[] }[] = [];
  const named = Object.entries(given).map(([name, value]) => `${name} ${String(value)}`);
  if (!json) console.log(`${settingLines(setting)}\n${named.join(", ")}`);
  return {
    add(title, heads, rows) {
      if (!json) {
        console.log(`\n${title}\n\n${table(heads, rows)}`);
        return;
      }
      const entry = (row: readonly Cell[]): Readonly<Record<string, unknown>> =>
        Object.fromEntries(heads.map((head, column) => [head === "" ? "name" : head, valueOf(row[column])]));
      tables.push({ title: title.replace(/^#+ /, ""), rows: rows.map(entry) });
    },
    end() {
      if (json) console.log(JSON.stringify({ benchmark, setting, ...given, tables }, undefined, 2));
    },
  };
}

/** A number that was rounded for the table is a number again. */
function valueOf(cell: Cell): Cell {
  return typeof cell === "string" && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}
