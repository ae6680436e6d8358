// Adds to package-lock.json the platform packages that the registry in use did not serve. npm leaves them out silently,
// and `npm ci` then refuses the file. Run it after a dependency was added or raised: node .ci/complete-lockfile.mjs
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = new Set(["android", "darwin", "freebsd", "linux", "openharmony", "win32"]);
const processors = new Set(["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"]);
let added = 0;

for (const { optionalDependencies = {}, engines } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const words = name.split(/[/-]/);
    const os = words.filter((word) => systems.has(word));
    const cpu = words.filter((word) => processors.has(word));
    if (path in lock.packages || os.length === 0 || cpu.length === 0) continue;
    const musl = words.some((word) => word.startsWith("musl"));
    const libc = os[0] === "linux" ? { libc: [musl ? "musl" : "glibc"] } : {};
    lock.packages[path] = { version, cpu, dev: true, ...libc, optional: true, os, engines };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json`);
