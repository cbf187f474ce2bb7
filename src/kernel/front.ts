import { parentPort } from "node:worker_threads";
import { Session } from "./session.js";

/** Entry of the front thread: everything but the user's code. */
const session = new Session(parentPort!);
const [first, second] = process.argv.slice(2);
if (first === "--notebook") {
  const { executeNotebook } = await import("./notebook-thread.js");
  await executeNotebook(session, JSON.parse(second!));
} else {
  const { serve } = await import("./serve.js");
  await serve(session, first!);
}
// The front thread ends first and the main thread with it; the other way round, sockets would still be open.
if (await session.finish(0)) process.exit(0);
process.kill(process.pid, "SIGKILL");
