// Adds up vitest's JSON reports and ends with the line "N passed, N failed". A test file that broke outside its
// tests, or a report that is missing, counts as one failure: what could not start must not look green.
import { existsSync, readFileSync } from "node:fs";

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`No report: ${file}`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numTotalTests, testResults } = JSON.parse(readFileSync(file, "utf8"));
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  passed += numPassedTests;
  failed += numFailedTests + broken.length + (numTotalTests === 0 ? 1 : 0);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
