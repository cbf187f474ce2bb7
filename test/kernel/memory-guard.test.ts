import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { packagePath } from "../../src/store/package.js";

/** Fills the main thread's heap twice while nobody looks how full it is; `guarded` is what the other thread does before. */
function filled(guarded: string) {
  const guard = JSON.stringify(pathToFileURL(packagePath("dist/kernel/memory-guard.js")).href);
  const worker = `
    import { parentPort } from "node:worker_threads";
    import { guardMainThread } from ${guard};
    let end = () => {};
    parentPort.on("message", () => {
      end();
      ${guarded}
      parentPort.postMessage("fill");
    });`;
  const script = `
    import { Worker } from "node:worker_threads";
    const other = new Worker(${JSON.stringify(worker)}, { eval: true });
    let kept = [];
    let round = 0;
    other.on("message", (message) => {
      if (message === "fill") for (;;) kept.push({ text: "a text of its own: " + kept.length });
      console.log(message, kept.length > 100_000);
      kept = [];
      round += 1;
      if (round === 2) process.exit();
      other.postMessage("again");
    });
    other.postMessage("first");`;
  const args = ["--max-old-space-size=100", "--no-force-async-hooks-checks", "--input-type=module", "-e", script];
  return spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
}

it("a full heap ends what filled it and not the process, and does so again", () => {
  const { stdout, stderr } = filled('end = guardMainThread(() => parentPort.postMessage("told"));');
  expect(stdout, stderr).toBe("told true\ntold true\n");
});

it("without the guard it ends the process, with V8's own words", () => {
  const { stdout, stderr, status } = filled("");
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain("JavaScript heap out of memory");
});
