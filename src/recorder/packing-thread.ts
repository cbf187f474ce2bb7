import { parentPort, workerData } from "node:worker_threads";
import type { ErrorCode } from "../errors.js";
import { writeError } from "../store/atomic-file.js";
import { Packer } from "./packer.js";

/** What the thread is started with. */
export interface PackingData {
  readonly dir: string;
  readonly compress: boolean;
  /** One 32-bit number: 1 stops what is being done. */
  readonly stop: SharedArrayBuffer;
}

/** What the thread tells; `idle` answers each request once everything is done or stopped. */
export type PackingNews =
  | { readonly type: "packed"; readonly segment: number; readonly before: number; readonly after: number }
  | { readonly type: "problem"; readonly code: ErrorCode; readonly message: string; readonly hint: string }
  | { readonly type: "idle"; readonly request: number };

/** Packs below a segment. */
export interface PackingRequest {
  readonly request: number;
  readonly below: number;
}

const { dir, compress, stop } = workerData as PackingData;
const flag = new Int32Array(stop);
const packer = new Packer({ dir, compress, isStopped: () => Atomics.load(flag, 0) === 1 });
const tell = (news: PackingNews): void => parentPort!.postMessage(news);
let work: Promise<void> = Promise.resolve();

parentPort!.on("message", (request: PackingRequest) => {
  work = work.then(() => serve(request));
});

async function serve({ request, below }: PackingRequest): Promise<void> {
  try {
    for await (const { segment, before, after, problem } of packer.pack(below)) {
      if (problem === null) tell({ type: "packed", segment, before, after });
      else tell({ type: "problem", code: problem.code, message: problem.message, hint: problem.hint });
      if (problem !== null) break;
    }
  } catch (error) {
    const { code, message, hint } = writeError(dir, error);
    tell({ type: "problem", code, message, hint });
  }
  tell({ type: "idle", request });
}
