import { openRecording, type Recording } from "../../src/lab/recording.js";
import type { LabAndSandbox } from "./lab.js";
import { until } from "./wait.js";

const ROUNDS = 4;

/** Records books and trades of markets while orders of our own trade in them, four in each, and opens what was recorded. */
export async function recordOrders(
  { lab }: LabAndSandbox,
  tickers: readonly string[],
  dir: string,
): Promise<Recording> {
  const recorder = await lab.record({ tickers, dir, channels: ["orderbook_delta", "trade"] });
  for (let count = 1; count <= ROUNDS; count += 1)
    for (const ticker of tickers) {
      const order = count % 2 === 0 ? { side: "ask" as const, price: "0.01" } : { side: "bid" as const, price: "0.99" };
      await lab.trading.place({ ...order, ticker, count, timeInForce: "immediate_or_cancel" });
    }
  await until(async () => {
    let trades = 0;
    for await (const event of await openRecording(dir)) if (event.type === "trade") trades += 1;
    return trades >= ROUNDS * tickers.length;
  }, "every order's trade to be recorded");
  await recorder.stop();
  return openRecording(dir);
}
