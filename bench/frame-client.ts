import { generateKeyPairSync } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import WebSocket from "ws";
import { createSigner } from "../src/client/signing.js";
import { startRecorder } from "../src/recorder/record.js";
import { benchTicker } from "./delta-frames.js";

/**
 * Takes what a frame server sends, in one of several ways, in a process of its own: `KIND URL FRAMES MARKETS DIR`. Prints what it took.
 *
 * Kinds: `ws` counts, `parse` parses, `recorder` records, `recorder_raw` records without packing, `recorder_memory` records and is looked at
 * seldom, so that looking takes no memory; run with `--expose-gc` it also tells what is left once everything that can be has been collected.
 */
export interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Frames in that time. */
  readonly frames: number;
  /** Memory over time, in MB: resident after how many frames. */
  readonly rss: readonly (readonly [frames: number, mb: number])[];
  /** Heap and buffers of the main thread after a collection, in MB: after a fifth of the frames, and at the end. */
  readonly retained: readonly number[];
}

const [kind, url, frameCount, marketCount, dir, segmentMiB] = process.argv.slice(2) as string[];
const markets = Number(marketCount);
/** With the answer, the snapshots and the end. */
const total = Number(frameCount) + markets + 2;
/** From here on it is measured: a recorder runs for weeks, so its start does not count. */
const warm = Math.floor(total / 3);

const rss: [number, number][] = [];
const retained: number[] = [];
let isCollected = false;
const took = kind === "ws" || kind === "parse" ? await take(kind === "parse") : await record();
console.log(JSON.stringify({ ...took, rss, retained } satisfies Taken));
process.exit(0);

type Time = Pick<Taken, "wallMs" | "cpuMs" | "frames">;

/** Starts to measure; what it gives ends that, after some frames. */
function clock(): (frames: number) => Time {
  const begun = performance.now();
  const before = process.cpuUsage();
  return (frames) => {
    const { user, system } = process.cpuUsage(before);
    return { wallMs: performance.now() - begun, cpuMs: (user + system) / 1000, frames };
  };
}

function take(parses: boolean): Promise<Time> {
  return new Promise((resolve) => {
    let stop = clock();
    const socket = new WebSocket(url!, { perMessageDeflate: false, skipUTF8Validation: true });
    let seen = 0;
    let sum = 0;
    socket.on("open", () => {
      socket.send('{"id":1,"cmd":"subscribe","params":{}}');
    });
    socket.on("message", (data: Buffer) => {
      if (parses) sum += (JSON.parse(data.toString()) as { seq?: number }).seq ?? 0;
      seen += 1;
      if (seen === warm) stop = clock();
      if (seen === total) resolve({ ...stop(total - warm), ...(sum < 0 ? { sum } : {}) });
    });
  });
}

async function record(): Promise<Time> {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
  const done = Promise.withResolvers<Time>();
  let stop: ReturnType<typeof clock> | null = null;
  let since = 0;
  const recorder = await startRecorder({
    url: url!,
    signer: createSigner({ keyId: "bench", privateKey: String(pem) }),
    tickers: Array.from({ length: markets }, (_, market) => benchTicker(market)),
    channels: ["orderbook_delta"],
    dir: dir!,
    compress: kind !== "recorder_raw",
    statusMs: kind === "recorder_memory" ? 250 : 20,
    ...(segmentMiB === undefined ? {} : { maxSegmentBytes: Number(segmentMiB) * 2 ** 20 }),
    onStatus: ({ frames }) => {
      if (kind === "recorder_memory") look(frames);
      if (frames >= warm && stop === null) {
        stop = clock();
        since = frames;
      }
      if (frames >= total) done.resolve(stop!(total - since));
    },
  });
  const took = await done.promise;
  await collect();
  await recorder.stop();
  return took;
}

function look(frames: number): void {
  // Before the part that counts: a collection makes the heap smaller.
  if (!isCollected && frames >= total / 5) void collect();
  rss.push([frames, process.memoryUsage.rss() / 1e6]);
}

async function collect(): Promise<void> {
  isCollected = true;
  if (globalThis.gc === undefined) return;
  // Buffers are freed by another thread, a little later.
  globalThis.gc();
  await delay(200);
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  retained.push((heapUsed + external) / 1e6);
}
