import { afterEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import { applySubaccountTransfer, getSubaccountTransfers } from "../../src/exchange/operations/subaccounts.js";
import { expectRejection } from "../support/errors.js";
import { type ScriptedClient, type Step, scriptedClient } from "../support/scripted-client.js";

const transfer = { client_transfer_id: "t-1", from_subaccount: 0, to_subaccount: 1, amount_cents: 500 };

describe("an operation that changes something", () => {
  let open: ScriptedClient | null = null;

  afterEach(() => open?.close());

  async function clientOf(step: Step): Promise<ScriptedClient["client"]> {
    open = await scriptedClient(() => step);
    return open.client;
  }

  it.each<[Step, string]>([
    ["cut", "BAD_RESPONSE"],
    ["reset", "UNREACHABLE"],
    ["silence", "TIMED_OUT"],
    [[503, {}], "SERVER_FAILED"],
  ])("is sent once; without an answer it says that nobody knows, and not to try again (%o)", async (step, code) => {
    const moved = applySubaccountTransfer(await clientOf(step), transfer);
    const error = await expectRejection(moved, code as "TIMED_OUT", /find out whether it was done before/);
    expect(error.message).toMatch(/may or may not/);
    expect(error.context.uncertain).toBe(true);
    expect(open?.sent).toEqual([{ line: "POST /portfolio/subaccounts/transfer", body: transfer }]);
  });

  it("is certainly not done when the exchange refuses it", async () => {
    const refused = applySubaccountTransfer(await clientOf([409, { error: { code: "exists" } }]), transfer);
    const error = await expectRejection(refused, "REQUEST_REFUSED", /what it said/);
    expect(error.context).not.toHaveProperty("uncertain");
  });

  it("is certainly not done when there was no connection to send it by", async () => {
    const { baseUrl, signer } = await clientOf([200, {}]);
    await open?.close();
    const client = new Client({ baseUrl, signer: signer ?? undefined, writes: true });
    const error = await expectRejection(applySubaccountTransfer(client, transfer), "UNREACHABLE", /check the network/);
    expect(error.context).toMatchObject({ sent: false });
    expect(error.context).not.toHaveProperty("uncertain");
    await client.close();
  });

  it("differs in this from one that reads, which is asked again", async () => {
    const read = getSubaccountTransfers(await clientOf([503, {}]));
    expect((await expectRejection(read, "SERVER_FAILED", /try again/)).message).not.toMatch(/may or may not/);
    expect(open?.sent).toHaveLength(2);
  });
});
