import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSigner } from "../../src/client/signing.js";
import { startRecorder } from "../../src/recorder/record.js";
import { argument, serve } from "../child.js";

/** The recorder in a process of its own, onto the disk. Stopped, it tells what it has written. */
export interface RecordingOptions {
  readonly url: string;
  readonly keyId: string;
  readonly privateKeyPath: string;
  readonly tickers: readonly string[];
}

const { url, keyId, privateKeyPath, tickers } = argument<RecordingOptions>();
const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-bench-"));
process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
const recorder = await startRecorder({
  ...{ url, signer: createSigner({ keyId, privateKeyPath }), tickers, dir },
  channels: ["orderbook_delta"],
});
// Until the first books are there.
while (recorder.status().frames < tickers.length + 1) await new Promise((resolve) => setTimeout(resolve, 10));

serve("ready", async (question) => {
  const summary = question === "stop" ? await recorder.stop() : recorder.status();
  const { frames, gaps, lostFrames, bytes } = summary;
  return { cpu: process.cpuUsage(), frames, gaps, lostFrames, bytes };
});
