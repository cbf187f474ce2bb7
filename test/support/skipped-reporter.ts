import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Says at the end of a run what was skipped and why, since a reader of the totals alone would think that all was checked. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const line = `${module.relativeModuleId}: ${reasonOf(test)}`;
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
    }
    for (const [line, count] of counts) process.stderr.write(`skipped: ${count} of ${line}\n`);
  }
}

/** What the test gave as its reason, else the group it belongs to, whose title says it. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return note ?? test.fullName.split(" > ")[0]!;
}
