import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { type Live, openLive } from "../../src/recorder/live.js";
import { type Recorder, startRecorder } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { SECOND } from "../../src/units/time.js";
import { delta, snapshot } from "../support/frames.js";
import { acknowledge, type Scripted, type ScriptedServer, startScripted } from "../support/scripted-socket.js";
import { until } from "../support/wait.js";

let server: ScriptedServer | null = null;
let live: Live | null = null;
let recorder: Recorder | null = null;
const dir = mkdtempSync(join(tmpdir(), "stalls-"));

afterEach(async () => {
  await live?.close();
  await recorder?.stop();
  await server?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("stalls of a recording", () => {
  it("are those that a live connection told of the same frames, of every kind, among the very same events", async () => {
    const connections: Scripted[] = [];
    server = await startScripted({
      command: (connection, command) => {
        if (command.cmd !== "subscribe") return;
        acknowledge(connection, command);
        for (const [at, ticker] of ["A", "B"].entries()) {
          connection.send(snapshot({ sid: 1, seq: at + 1 }, ticker, [["0.4000", "1.00"]], []));
        }
        connections.push(connection);
      },
    });
    let clock = 1_795_329_089 * SECOND;
    const options = {
      ...{ url: server.url, signer: server.signer, tickers: ["A", "B"], channels: ["orderbook_delta"] },
      ...{ stallMs: 8_000, now: () => clock },
    };
    live = await openLive(options);
    recorder = await startRecorder({ ...options, dir });
    let frames = 3;
    let seq = 2;
    const heard = () => live!.counts.frames === frames && recorder!.status().frames === frames;
    await until(heard, "both subscribed");
    /** A change of a market after so long, by an exchange whose own clock goes on as far. */
    const change = async (ticker: string, seconds: number, exchangeSeconds = seconds): Promise<void> => {
      clock += seconds * SECOND;
      exchangeMs += exchangeSeconds * 1000;
      seq += 1;
      frames += 1;
      const text = delta({ sid: 1, seq }, ticker, "yes", "0.4000", "1.00", exchangeMs);
      for (const connection of connections) connection.send(text);
      await until(heard, "both have it");
    };
    let exchangeMs = clock / 1000;
    const status = () => recorder!.status().stalls;
    for (let n = 0; n < 5; n += 1) await change("A", 2);
    expect(status()).toEqual({ connections: 0, markets: 1, clocks: 0, total: 1 });
    await change("B", 1);
    expect(status()).toEqual({ connections: 0, markets: 0, clocks: 0, total: 1 });
    // What no event can tell yet.
    clock += 11 * SECOND;
    expect(status()).toEqual({ connections: 1, markets: 0, clocks: 0, total: 1 });
    clock -= 11 * SECOND;
    await change("A", 12);
    expect(status()).toEqual({ connections: 0, markets: 0, clocks: 0, total: 2 });
    for (let n = 0; n < 10; n += 1) await change(n % 2 === 0 ? "A" : "B", 1, 0);
    expect(status()).toEqual({ connections: 0, markets: 0, clocks: 1, total: 3 });
    await change("A", 1);
    await change("B", 2);
    expect(status()).toEqual({ connections: 0, markets: 0, clocks: 0, total: 3 });
    await live.close();
    await recorder.stop();

    const told: BookEvent[] = [];
    for await (const event of live) told.push(event);
    const recorded: BookEvent[] = [];
    for await (const event of (await openRecording(dir)).replay({ stallMs: 8_000 })) recorded.push(event);
    expect(recorded).toEqual(told);
    const stalls = recorded.flatMap((event) => (event.type === "stall" ? [event] : []));
    expect(stalls.map(({ reason, ticker, to }) => [reason, ticker, to !== null])).toEqual([
      ["market", "B", false],
      ["market", "B", true],
      ["connection", null, true],
      ["clock", null, false],
      ["clock", null, true],
    ]);
  });
});
