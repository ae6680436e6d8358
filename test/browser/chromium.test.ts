import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { expect, test } from "vitest";

const chromium = process.env["GROUNDLINE_CHROMIUM"] ?? "/usr/bin/chromium";

const html = `<!doctype html><script type="module" src="/work.js"></script>
<script>new Worker("/work.js", { type: "module" });</script>`;

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

test("Chromium indexes, searches and reopens in a page and in a worker", { timeout: 120_000 }, async () => {
  if (!existsSync(chromium)) return console.log(`skipped: no ${chromium}`);
  const { outputFiles } = await build({
    entryPoints: ["test/browser/work.ts"],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    write: false,
  });
  const reports = new Map<string, unknown>();
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/report") {
      reports.set(searchParams.get("from") ?? "", JSON.parse(await text(request)));
      response.end();
      if (reports.size === 2) finish();
      return;
    }
    const isCode = pathname === "/work.js";
    response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
    response.end(isCode ? outputFiles[0]?.text : html);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const profile = await mkdtemp(join(tmpdir(), "groundline-chromium-"));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: "ignore",
  });
  const exited = once(browser, "exit");
  try {
    await Promise.race([finished, exited]);
    const report = {
      vectors: { size: 10_000, itself: 100, same: 100 },
      texts: { scoreKind: "fused", hits: 10, same: true },
    };
    expect(Object.fromEntries(reports)).toEqual({ page: report, worker: report });
  } finally {
    browser.kill("SIGKILL");
    await exited;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
