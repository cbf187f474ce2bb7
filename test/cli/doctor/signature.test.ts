import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { ScriptedServer } from "../../support/scripted-http.js";
import { type Answered, type Examined, examined, smallExchange, unauthorized } from "../../support/small-exchange.js";

const WINDOW_MS = 10_000;
const expired = unauthorized("", "header_timestamp_expired");

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Examines an exchange whose clock is ahead, which takes timestamps within 10 s, as they arrive: `arrive` changes them on the way. */
async function examineAt(
  offsetMs: number,
  arrive: (timestamp: number) => number = (timestamp) => timestamp,
  then: Answered | null = null,
): Promise<Examined> {
  const refuse = (request: IncomingMessage): Answered | null => {
    const sent = Number(request.headers["kalshi-access-timestamp"]);
    return Math.abs(arrive(sent) - (Date.now() + offsetMs)) > WINDOW_MS ? expired : then;
  };
  const { options, server } = await smallExchange({ offsetMs, refuse });
  servers.push(server);
  return examined(options);
}

const CLOCK_OFF = ["host ok", "clock failed", "key ok", "signature failed"];

describe("a signature that is refused for its time", () => {
  it.each([
    ["behind", 60_000],
    ["behind", 3_600_000],
    ["ahead", -60_000],
  ])("has the clock as its cause when it is accepted with the time corrected: %s by %d ms", async (way, offsetMs) => {
    const { problem, went, step } = await examineAt(offsetMs);
    // What lies beyond is told too, with the corrected time.
    expect(went).toEqual([...CLOCK_OFF, "scopes ok", "region ok", "limits ok"]);
    expect(step("clock").found).toMatch(way === "behind" ? /\d+\.\d s behind the exchange$/ : /\d+\.\d s ahead of/);
    const seconds = Number(/([\d.]+) s/.exec(step("clock").found)![1]);
    expect(Math.abs(seconds - Math.abs(offsetMs) / 1000)).toBeLessThan(2);
    expect(problem).toMatchObject({ code: "CLOCK_OFF", context: { correctedAccepted: true } });
    expect(problem!.message).toMatch(new RegExp(`clock is [\\d.]+ s ${way}, .*corrected.*accepted`));
    expect(problem!.hint).toMatch(/set this machine's clock.*the key is good/);
  });

  it("has its timestamp changed on the way when the clock is right: seconds for milliseconds", async () => {
    const { problem, went, step } = await examineAt(0, (timestamp) => Math.floor(timestamp / 1000));
    expect(step("clock").status).toBe("ok");
    expect(went.slice(3)).toEqual(["signature failed", "scopes skipped", "region skipped", "limits skipped"]);
    expect(problem).toMatchObject({ code: "CLOCK_OFF", context: { correctedAccepted: false } });
    expect(problem!.message).toMatch(/exchange's own time.*arrives as another/);
    expect(problem!.hint).toMatch(/to seconds.*milliseconds, 13 digits.*proxy or wrapper/);
  });

  it("has its timestamp changed on the way when the clock is off too, and both are told", async () => {
    const { problem, step } = await examineAt(60_000, (timestamp) => Math.floor(timestamp / 1000));
    expect(step("clock").status).toBe("failed");
    expect(problem!.message).toMatch(/arrives as another/);
  });

  it("leaves the last word to what else is wrong once the time is right", async () => {
    const { problem, went } = await examineAt(60_000, undefined, unauthorized("INCORRECT_API_KEY_SIGNATURE"));
    expect(went.slice(0, 4)).toEqual(CLOCK_OFF);
    expect(problem).toMatchObject({ code: "KEY_REFUSED", hint: expect.stringMatching(/belong together/) as string });
  });
});

describe("a signature that is accepted", () => {
  it("leaves a clock that is off as what is wrong", async () => {
    const { server, options } = await smallExchange({ offsetMs: 60_000 });
    servers.push(server);
    const { problem, went } = await examined(options);
    expect(went.slice(0, 4)).toEqual(["host ok", "clock failed", "key ok", "signature ok"]);
    expect(problem).toMatchObject({ code: "CLOCK_OFF", hint: expect.stringMatching(/NTP/) as string });
  });
});
