// Loaded into a process before anything else: its wall clock is the machine's and an offset that another process sets, as when somebody sets
// a machine's time. The offset, in milliseconds, stands in the file that STEPPING_CLOCK names and is read at SIGUSR2; what was read is
// written beside it.
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const path = process.env.STEPPING_CLOCK;
const real = Date.now;
let offset = 0;

function read() {
  offset = Number(readFileSync(path, "utf8"));
  if (isMainThread) writeFileSync(`${path}.${process.pid}`, String(offset));
}

Date.now = () => real() + offset;
read();
process.on("SIGUSR2", read);
