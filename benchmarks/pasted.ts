import { analyzerFlag, analyzerImport } from "./analyzers.ts";
import type { Arguments } from "./arguments.ts";
import type { ModelFlag } from "./models.ts";

/** What a benchmark was asked for, as code that stands before what `tune` gives to paste; "" where that needs nothing. */
export async function pastedBase(given: Arguments<"analyzer" | ModelFlag>, latent: boolean): Promise<string> {
  const imports: string[] = [];
  const parts: string[] = [];
  const name = given.value("analyzer") ?? analyzerFlag.default;
  if (name !== analyzerFlag.default) {
    const { made, from } = await analyzerImport(name);
    imports.push(`import { ${made} } from "${from}";`);
    parts.push(`analyzer: ${made}(),`);
  }
  if (latent) {
    imports.push('import { memory } from "groundline";');
    parts.push("store: memory({ latent: true }),");
  }
  const model = given.value("embedder-model");
  if (model !== undefined) {
    const [url, variable] = [given.value("embedder-url"), given.value("embedder-key-env")];
    const [dimensions] = given.numbers("embedder-dimensions", 1);
    const options = [
      `model: ${JSON.stringify(model)}`,
      ...(url === undefined ? [] : [`baseUrl: ${JSON.stringify(url)}`]),
      ...(dimensions === undefined ? [] : [`dimensions: ${dimensions}`]),
      ...(variable === undefined ? [] : [`apiKey: process.env[${JSON.stringify(variable)}] ?? ""`]),
    ];
    imports.push('import { openaiEmbedder } from "groundline/openai";');
    parts.push(`embedder: openaiEmbedder({ ${options.join(", ")} }),`);
  }
  if (parts.length === 0) return "";
  return [...imports, "", "const base = {", ...parts.map((part) => `  ${part}`), "};", ""].join("\n");
}
