import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeMark } from "../../src/recorder/marks.js";
import { Replay } from "../../src/sandbox/replay/replay.js";
import { type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.js";
import { Rolling } from "../../src/sandbox/world/rolling.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { snapshot, subscribed } from "../support/frames.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kalshi-failed-start-"));
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Listens on a port, any free one for 0, and stops again. @returns the port */
async function tryPort(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const found = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

async function recording(): Promise<string> {
  const dir = join(folder, "recording");
  const writer = await SegmentWriter.open({ dir, maxBytes: 1_000_000 });
  const connect = { id: "run/1", use_yes_price: false, tickers: ["KXA-T1"], channels: ["orderbook_delta"] };
  writer.append(entryKind.mark, 1, 0, writeMark({ mark: "connect", ...connect }));
  const frames = [subscribed(1), snapshot({ sid: 1, seq: 1 }, "KXA-T1", [["0.2900", "17.00"]], [])];
  for (const text of frames) writer.append(entryKind.text, 2, 0, Buffer.from(text));
  writer.close();
  return dir;
}

const BROKEN = new Error("it broke");

describe("a sandbox that fails once it listens", () => {
  it.each<[string, () => Promise<SandboxOptions>, () => void]>([
    [
      "because its recording cannot be read on",
      async () => ({ replay: await recording() }),
      () => vi.spyOn(Replay.prototype, "run").mockRejectedValueOnce(BROKEN),
    ],
    [
      "because its world does not go on",
      async () => ({ state: join(folder, "state") }),
      () =>
        vi.spyOn(Rolling.prototype, "start").mockImplementationOnce(() => {
          throw BROKEN;
        }),
    ],
  ])("leaves no port open and no key behind, %s", async (_, options, fail) => {
    const [port, controlPort] = [await tryPort(0), await tryPort(0)];
    const given = { keyType: "ed25519", port, controlPort, ...(await options()) } as const;
    vi.spyOn(process, "emitWarning").mockReturnValue();
    fail();
    await expect(startSandbox(given)).rejects.toThrow("it broke");
    expect(await tryPort(port)).toBe(port);
    expect(await tryPort(controlPort)).toBe(controlPort);
    expect(readdirSync(folder).filter((name) => name.startsWith("kalshi-lab-sandbox-"))).toEqual([]);
    // What it held is free for the next.
    const next = await startSandbox(given);
    await next.close();
  });
});
