import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLoopback } from "../../src/sandbox/listen.js";
import { startSandbox } from "../../src/sandbox/sandbox.js";
import { expectRejection } from "../support/errors.js";
import { get } from "../support/sandbox-call.js";
import { until } from "../support/wait.js";

const whyNoIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"))
  ? null
  : "this machine has no ::1";

describe("the address of a sandbox", () => {
  const warnings: string[] = [];
  const hear = (warning: Error) => {
    if (Reflect.get(warning, "code") === "SANDBOX_EXPOSED") warnings.push(warning.message);
  };
  beforeEach(() => {
    warnings.length = 0;
    process.on("warning", hear);
  });
  afterEach(() => {
    process.off("warning", hear);
  });

  async function served(host: string | undefined): Promise<string> {
    const sandbox = await startSandbox({ keyType: "ed25519", host });
    expect((await get(sandbox, "/exchange/status")).status).toBe(200);
    expect(new URL(sandbox.ready.control_url).hostname).toBe("127.0.0.1");
    expect((await fetch(`${sandbox.ready.control_url}/stats`)).status).toBe(200);
    await sandbox.close();
    return new URL(sandbox.ready.rest_url).hostname;
  }

  it("is loopback unless told otherwise", async () => {
    expect(await served(undefined)).toBe("127.0.0.1");
    expect(await served("127.0.0.2")).toBe("127.0.0.2");
    expect(warnings).toEqual([]);
  });

  it.skipIf(whyNoIpv6 !== null)(
    `may be that of IPv6${whyNoIpv6 === null ? "" : ` (skipped: ${whyNoIpv6})`}`,
    async () => {
      expect(await served("::1")).toBe("[::1]");
      expect(warnings).toEqual([]);
    },
  );

  it("is warned of where others can reach it, while the control port stays on loopback", async () => {
    expect(await served("0.0.0.0")).toBe("127.0.0.1");
    await until(() => warnings.length > 0, "the warning");
    expect(warnings).toEqual([expect.stringMatching(/listens on 0\.0\.0\.0, port \d+: whoever reaches this machine/)]);
  });

  it("has to be one of this machine", async () => {
    await expectRejection(
      startSandbox({ keyType: "ed25519", host: "192.0.2.1" }),
      "SANDBOX_FAILED",
      /address of this machine/,
    );
  });

  it.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
    ["127.example.org", false],
  ])("tells of %s that it is loopback: %s", (host, answer) => expect(isLoopback(host)).toBe(answer));
});
