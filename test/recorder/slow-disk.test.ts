import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { openRecording } from "../../src/recorder/replay.js";
import { closing } from "../support/against.js";
import { startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

const MEGABYTE = 1_000_000;
const TICKERS = ["A", "B", "C"];

interface Line {
  readonly frames: number;
  readonly waiting: number;
  readonly gaps: number;
  readonly lostFrames: number;
  readonly memory: number;
}

/** A recorder in a process of its own, on a disk of so many bytes a second. */
async function slowRecorder(url: string, dir: string, pace: number) {
  const keyPath = join(dir, "key.pem");
  writeFileSync(keyPath, generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }));
  const own = join(dir, "recording");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "test/support/slow-recorder-child.ts", url, keyPath, own, TICKERS.join(","), String(pace)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as Line));
  return {
    dir: own,
    lines,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

describe("a recorder on a disk slower than what comes", () => {
  it("loses nothing and holds little: what it cannot write stays with the exchange, which is not read from meanwhile", async () => {
    const exchange = new TinyExchange(TICKERS, seeded(7));
    const server = closing(await startScripted(exchange.script));
    const dir = mkdtempSync(join(tmpdir(), "slow-disk-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const recorder = await slowRecorder(server.url, dir, 4 * MEGABYTE);
    await until(() => exchange.subscribed && recorder.lines.length > 0, "the recorder");
    const before = recorder.lines.at(-1)!.memory;
    let unsent = 0;
    // Until far more waits than fits into the buffers of both systems, however fast this machine makes frames.
    for (let sent = 0; unsent <= 15 * MEGABYTE && sent < 600_000; sent += 1_000) {
      exchange.trade(1_000);
      await new Promise(setImmediate);
      unsent = Math.max(unsent, exchange.connection!.unsent());
    }
    await until(() => recorder.lines.at(-1)!.frames === exchange.sent[0]!.length, "every frame written", 60_000);
    await recorder.stop();

    expect(unsent).toBeGreaterThan(15 * MEGABYTE);
    expect(Math.max(...recorder.lines.map(({ waiting }) => waiting))).toBeLessThan(2 * MEGABYTE);
    expect(Math.max(...recorder.lines.map(({ memory }) => memory)) - before).toBeLessThan(12 * MEGABYTE);
    expect(recorder.lines.at(-1)).toMatchObject({ gaps: 0, lostFrames: 0 });
    let at = 0;
    for await (const { data } of (await openRecording(recorder.dir)).frames()) {
      if (data.toString("utf8") !== exchange.sent[0]![at]) throw new Error(`frame ${at} is another one`);
      at += 1;
    }
    expect(at).toBe(exchange.sent[0]!.length);
  }, 120_000);
});
