import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { accountSession } from "./account-session.js";

describe("an account's random session on the sandbox", () => {
  // A tenth of `npm run soak -- accounts`. The seed stands in the name.
  const seed = randomBytes(4).toString("hex");
  const SESSIONS = 20;

  it(`leaves our figures from fills and settlements equal to the exchange's fees, positions, settlements and balance, to the last decimal: ${seed}`, async () => {
    let [traded, charged, amended, settled, returned] = [0, 0, 0, 0, 0];
    for (let session = 0; session < SESSIONS; session += 1) {
      const told = await accountSession(`${seed}-${session}`);
      expect(told.figures).toBeGreaterThan(1_000);
      traded += told.fills;
      charged += told.fees;
      amended += told.amended;
      settled += told.settled;
      returned += told.returned;
    }
    // All of it has come by.
    expect(traded).toBeGreaterThan(SESSIONS * 200);
    // The fee of each of them is the one that our model says.
    expect(charged).toBe(traded);
    expect(Math.min(amended, settled)).toBeGreaterThan(SESSIONS);
    expect(returned).toBeGreaterThan(0);
  }, 600_000);
});
