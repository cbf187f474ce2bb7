import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * A recorder on a disk that takes so many bytes a second: `URL KEY_PATH DIR TICKERS BYTES_PER_SECOND`. Prints a JSON line per status: frames
 * written, bytes that wait, the memory of the process. Stops with its standard input.
 */
const [url, privateKeyPath, dir, tickers, pace] = process.argv.slice(2) as [string, string, string, string, string];

const write = fs.writeSync as (fd: number, bytes: Buffer, offset: number, length: number, position: number) => number;
const never = new Int32Array(new SharedArrayBuffer(4));
fs.writeSync = ((fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
  Atomics.wait(never, 0, 0, (length / Number(pace)) * 1_000);
  return write(fd, bytes, offset, length, position);
}) as typeof fs.writeSync;
syncBuiltinESMExports();

const { createSigner } = await import("../../src/client/signing.js");
const { startRecorder } = await import("../../src/recorder/record.js");
const recorder = await startRecorder({
  url,
  signer: createSigner({ keyId: "child", privateKeyPath }),
  tickers: tickers.split(","),
  channels: ["orderbook_delta"],
  dir,
  statusMs: 20,
  compress: false,
  onStatus: ({ frames, disk, gaps, lostFrames }) => {
    const line = { frames, waiting: disk.waitingBytes, gaps, lostFrames, memory: process.memoryUsage.rss() };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  },
});
process.stdin.on("end", () => void recorder.stop()).resume();
