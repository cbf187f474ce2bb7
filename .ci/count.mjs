// Prints what vitest's JSON report counts, `passed failed`, for `.ci/run`. A test that did not run has failed: CI can run them all.
import { readFileSync } from "node:fs";

const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
let [passed, failed] = [0, 0];
for (const { name, status, message, assertionResults } of testResults) {
  const notPassed = assertionResults.filter((test) => test.status !== "passed");
  passed += assertionResults.length - notPassed.length;
  failed += notPassed.length;
  for (const test of notPassed) console.error(`${test.status}: ${name}: ${test.fullName}`);
  // A file that failed before its first test has none to count.
  if (status === "passed" || notPassed.length > 0) continue;
  failed += 1;
  console.error(`${status}: ${name}: ${message}`);
}
console.log(passed, failed);
