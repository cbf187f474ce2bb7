import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walkKernel } from "../soak/kernel-walk.js";
import { JupyterClient } from "../support/jupyter-client.js";

let kernel: JupyterClient;

beforeAll(async () => {
  kernel = await JupyterClient.start();
});

afterAll(() => kernel.close());

describe("a walk of requests, errors and interrupts", () => {
  it("leaves nothing unanswered, lost, doubled or out of order", async () => {
    let met = { ok: 0, failed: 0, interrupted: 0, aborted: 0 };
    for (const seed of [1, 2, 3]) {
      const walk = await walkKernel(kernel, seed, 20);
      met = {
        ok: met.ok + walk.ok,
        failed: met.failed + walk.failed,
        interrupted: met.interrupted + walk.interrupted,
        aborted: met.aborted + walk.aborted,
      };
    }
    // A walk that met none of one kind would prove little.
    expect(Math.min(...Object.values(met))).toBeGreaterThan(5);
  });
});
