import { Worker } from "node:worker_threads";
import { ownHeap } from "./heap.js";
import type { FromUser, ToUser } from "./messages.js";
import { divertStdout } from "./native-output.js";

/**
 * Entry of a kernel process. This thread runs the user's code; the front thread speaks with the world.
 *
 * Arguments: a Jupyter connection file, or `--notebook` with the job as JSON (then the other end is file descriptor 3).
 */
const exit = process.exit.bind(process);
divertStdout();
const front = new Worker(new URL("./front.js", import.meta.url), {
  argv: process.argv.slice(2),
  // Not by way of this thread, whose standard streams belong to the cells.
  stdout: true,
  stderr: true,
});
front.on("exit", (code) => exit(code));
// Node ends on SIGINT otherwise; here it means: interrupt the cell.
process.on("SIGINT", () => send({ type: "sigint" }));

const { createRunner } = await import("./run.js");
const send = (message: FromUser) => front.postMessage(message);
const heap = ownHeap();
const runner = createRunner(send, heap);
send({ type: "heap", limit: heap.limit });
front.on("error", (error) => process.stderr.write(`the kernel's front thread failed: ${error}\n`));
front.on("message", (message: ToUser) => {
  if (message.type === "run") void runner.run(message);
  else if (message.type === "interrupt") {
    runner.interrupt();
    send({ type: "interrupted", attempt: message.attempt });
  } else if (message.type === "warm") void runner.warm(message.specifiers).then(() => send({ type: "warm" }));
  else if (message.type === "answer") runner.answer(message.id, message.answer);
  else finish(message.graceMs);
});

/** Reports when nothing is left to run, or when the time for it is over. */
function finish(graceMs: number): void {
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    front.ref();
    send({ type: "finished" });
  };
  if (graceMs === 0) tell();
  else {
    process.once("beforeExit", tell);
    setTimeout(tell, graceMs).unref();
    front.unref();
  }
}
