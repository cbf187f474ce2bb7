import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FrameFate, FrameFaults } from "../../../src/sandbox/socket/frame-faults.js";
import { type FrameLogLine, openFrameLog } from "../../../src/sandbox/socket/frame-log.js";
import { expectError } from "../../support/errors.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { MEMBER, START } from "../../support/tiny-world.js";

let dir: string;
let path: string;
let stage: Stage | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "frame-log-"));
  path = join(dir, "frames.ndjson");
});

afterEach(async () => {
  await stage?.close();
  stage = undefined;
  rmSync(dir, { recursive: true, force: true });
});

function logged(): FrameLogLine[] {
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line) as FrameLogLine);
}

function framesOf(connection: number): (readonly [fate: string, frame: string])[] {
  return logged().flatMap((line) =>
    "frame" in line && line.connection === connection ? [[line.fate, line.frame] as const] : [],
  );
}

describe("the log of frames", () => {
  it("has what each connection was sent, letter for letter and in order", async () => {
    stage = await socketStage({ log: openFrameLog(path) });
    const one = await stage.connect(MEMBER);
    subscribe(one, ["orderbook_delta", "trade"], { market_ticker: "A" });
    await one.settled();
    const two = await stage.connect(MEMBER);
    subscribe(two, ["orderbook_delta"], { market_tickers: ["A", "B"] });
    await two.settled();
    stage.steps(30);
    stage.place("bid", "0.01", 3);
    await one.settled();
    await two.settled();
    expect(framesOf(1)).toEqual(one.texts.map((text) => ["sent", text]));
    expect(framesOf(2)).toEqual(two.texts.map((text) => ["sent", text]));
    expect(one.texts.length).toBeGreaterThan(10);
  });

  it("says what faults have done to frames, those overtaken at both places", async () => {
    const fates: Readonly<Record<number, FrameFate>> = { 2: "drop", 3: "twice", 4: { behind: 1 } };
    const faults: FrameFaults = {
      handshake: () => null,
      frame: ({ sid, seq }) => (sid === 1 && seq !== null ? (fates[seq] ?? "send") : "send"),
    };
    stage = await socketStage({ log: openFrameLog(path), faults });
    const client = await stage.connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    await client.settled();
    for (let n = 1; n < 5; n += 1) stage.place("bid", "0.01", n);
    await client.settled();
    const told = framesOf(1).flatMap(([fate, frame]) => {
      const { sid, seq } = JSON.parse(frame) as { sid?: number; seq?: number };
      return sid === 1 ? [`${fate} ${seq}`] : [];
    });
    expect(told).toEqual(["sent 1", "dropped 2", "sent 3", "sent 3", "late 4", "sent 5", "sent 4"]);
    const sent = framesOf(1).flatMap(([fate, frame]) => (fate === "sent" ? [frame] : []));
    expect(client.texts).toEqual(sent);
  });

  it("has every change of a book before the frame that tells it, also of books that nobody follows", async () => {
    stage = await socketStage({ log: openFrameLog(path) });
    const client = await stage.connect(MEMBER);
    subscribe(client, ["orderbook_delta"], { market_ticker: "A" });
    await client.settled();
    stage.place("bid", "0.01", 3);
    stage.place("ask", "0.99", 2, MEMBER, "B");
    stage.steps(300);
    await client.settled();
    const lines = logged();
    const change = lines.findIndex((line) => "delta" in line && line.ticker === "A");
    expect(lines[change]).toEqual({ ticker: "A", time: START, side: "yes", price: "0.0100", delta: "3.00" });
    expect(lines[change + 1]).toMatchObject({ connection: 1, frame: expect.stringContaining('"delta_fp":"3.00"') });
    const quiet = { ticker: "B", side: "no", price: "0.0100", delta: "2.00" };
    expect(lines).toContainEqual(expect.objectContaining(quiet));
    expect(lines.some((line) => "wiped" in line && line.ticker === "B")).toBe(true);
  });

  it("is refused where it cannot be written, with what to do", () => {
    expectError(() => openFrameLog(join(dir, "none", "log")), "WRITE_FAILED", /folder that exists/);
  });
});
