import type { RecorderStatus } from "../../src/recorder/recorder-status.js";

/** A status of a recorder in the middle of its work, with some of it otherwise. */
export function recorderStatus(changes: Partial<RecorderStatus> = {}): RecorderStatus {
  return {
    state: "recording",
    at: 1_795_329_089_500_000,
    startedAt: 1_795_329_000_000_000,
    markets: 12,
    joined: 3,
    left: 1,
    staleBooks: 0,
    frames: 1_234_567,
    bytes: 345_678_901,
    messagesPerSecond: 4_321.5,
    bytesPerSecond: 1_300_000,
    lag: { median: 12.5, lowest: -3.25, highest: 90 },
    segments: 6,
    connections: 2,
    gaps: 1,
    stalls: { connections: 0, markets: 0, clocks: 0, total: 2 },
    lastFrameAt: 1_795_329_089_400_000,
    lostFrames: 0,
    disk: { problem: null, waitingBytes: 0, freeBytes: 41_000_000_000 },
    packing: { segments: 5, before: 300_000_000, after: 20_000_000, problem: null },
    rest: { compared: 120, different: 0, skipped: 2, problem: null },
    repaired: null,
    damaged: null,
    problem: null,
    ...changes,
  };
}
