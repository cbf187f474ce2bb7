import { createSigner } from "../../src/client/signing.js";
import { startRecorder } from "../../src/recorder/record.js";

/**
 * A recorder in a process of its own, to be killed: `URL KEY_PATH DIR TICKERS`. Prints how many frames its status calls written, one
 * number a line, as often as it can.
 */
const [url, privateKeyPath, dir, tickers] = process.argv.slice(2) as [string, string, string, string];

await startRecorder({
  url,
  signer: createSigner({ keyId: "child", privateKeyPath }),
  tickers: tickers.split(","),
  channels: ["orderbook_delta"],
  dir,
  statusMs: 2,
  maxSegmentBytes: 200_000,
  onStatus: ({ frames }) => process.stdout.write(`${frames}\n`),
});
