import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/sandbox.js";
import { whyNoSpecification } from "../../support/openapi.js";
import { isRefusal, walk, walkedOperations } from "../../support/walk.js";

/** How many answers a walk holds against the specification; `npm run soak -- walk` goes much further. */
const STEPS = 500;

describe.skipIf(whyNoSpecification !== null)(
  `a walk over all operations (${whyNoSpecification ?? "held against the specification"})`,
  () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await startSandbox({ seed: "walk", tier: "prestige", unsignedPerSecond: 1_000, keyType: "ed25519" });
    });
    afterAll(() => sandbox?.close());

    it("finds every body as the specification has it, and every operation answering with success", async () => {
      const { wrong, answered, statuses } = await walk(sandbox, { seed: "rest", steps: STEPS });
      expect(wrong).toEqual([]);
      const silent = walkedOperations().filter(({ id }) => (answered.get(id)?.done ?? 0) === 0);
      expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
      // A walk that is never refused would not have tried anything bad.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404]));
    }, 120_000);
  },
);

describe("the shapes of refusals", () => {
  it("are told from answers of any other shape", async () => {
    expect(isRefusal(404, { error: { code: "not_found", message: "not found" } })).toBe(true);
    expect(isRefusal(400, { code: "bad_request", details: "json", message: "bad request" })).toBe(true);
    expect(isRefusal(400, { msg: "Parameter validation failed" })).toBe(true);
    expect(isRefusal(429, { error: "too many requests" })).toBe(true);
    for (const body of [
      undefined,
      {},
      { error: "no" },
      { error: { code: 7, message: "x" } },
      { msg: "x", code: "y" },
    ]) {
      expect(isRefusal(400, body)).toBe(false);
    }
  });
});
