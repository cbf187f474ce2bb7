import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";
import type { Answer, Call } from "./compiler-calls.js";
import { Lines } from "./lines.js";
import type { CompilerCalls } from "./messages.js";
import { foundSnapshot, removeSnapshot } from "./snapshot.js";

/** What a process ends itself with. */
const crashes: ReadonlySet<string> = new Set(["SIGABRT", "SIGTRAP", "SIGILL", "SIGSEGV", "SIGBUS"]);

/**
 * V8 adds the snapshot up only when it is told to: damage in the text of a declaration would start, and check against what nobody wrote. And it
 * sorts all of its tables anew, by another seed, against who would choose names that collide in them: here that is the notebook's owner.
 */
const snapshotFlags = ["--verify-snapshot-checksum", "--no-rehash-snapshot"];
/** The memory of the snapshot comes in thousands of pages, which takes longer than reading it; other systems than Linux ignore this. */
const HUGE_PAGES = "glibc.malloc.hugetlb=1";

/** Where the compiler is. */
interface Place {
  send(call: Call): void;
  close(): Promise<unknown>;
}

interface Waiting {
  readonly call: Call;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Calls to the compiler, answered in order. It starts at once: in a process from its snapshot, which is the sooner, or else in a thread. When it
 * breaks down, the call that it was at has failed, and it is started again for the next.
 */
export class CompilerClient {
  #place: Place;
  /** In the order of the calls. */
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #hasAnswered = false;

  /** @param snapshot file of the snapshot to start from; null where there is none */
  constructor(snapshot = foundSnapshot()) {
    this.#place = snapshot === null ? this.#thread() : this.#process(snapshot);
  }

  call<M extends keyof CompilerCalls>(
    method: M,
    ...args: Parameters<CompilerCalls[M]>
  ): Promise<ReturnType<CompilerCalls[M]>> {
    this.#calls += 1;
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<CompilerCalls[M]>>();
    const call = { id: this.#calls, method, args };
    this.#waiting.set(call.id, { call, resolve: resolve as (value: unknown) => void, reject });
    this.#place.send(call);
    return promise;
  }

  async close(): Promise<void> {
    await this.#place.close();
  }

  #answered(answer: Answer): void {
    this.#hasAnswered = true;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value);
  }

  /** What never answered has not failed at a call: the thread is asked the same again. */
  #ended(place: Place, isProcess: boolean, error: Error): void {
    if (this.#place !== place) return;
    const [first] = this.#waiting.values();
    if (first !== undefined && (this.#hasAnswered || !isProcess)) {
      this.#waiting.delete(first.call.id);
      first.reject(error);
    }
    this.#hasAnswered = false;
    this.#place = this.#thread();
    for (const { call } of this.#waiting.values()) this.#place.send(call);
  }

  #process(snapshot: string): Place {
    // Options of Node are for the cells, and some do not go with a snapshot.
    const { NODE_OPTIONS: _flags, ...env } = process.env;
    const child = spawn(process.execPath, [...snapshotFlags, "--snapshot-blob", snapshot], {
      env: { ...env, GLIBC_TUNABLES: [env.GLIBC_TUNABLES, HUGE_PAGES].filter(Boolean).join(":") },
      stdio: ["pipe", "pipe", "inherit"],
      windowsHide: true,
    });
    const place: Place = {
      send: (call) => child.stdin.write(`${JSON.stringify(call)}\n`),
      close: async () => child.kill("SIGKILL"),
    };
    const ended = (how: string) => this.#ended(place, true, new Error(`the compiler's process ended (${how})`));
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => {
      // Nobody ended it, and it has not come to its first answer: another is made where the kernel is installed, or the package set up.
      if (!this.#hasAnswered && (signal === null || crashes.has(signal))) removeSnapshot(snapshot);
      ended(signal ?? `exit code ${code}`);
    });
    child.stdin.on("error", () => {}); // it has ended, which is told of above
    const lines = new Lines();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      for (const line of lines.push(text)) this.#answered(JSON.parse(line) as Answer);
    });
    return place;
  }

  #thread(): Place {
    const thread = new Worker(new URL("./compile-thread.js", import.meta.url));
    const place: Place = { send: (call) => thread.postMessage(call), close: () => thread.terminate() };
    thread.on("message", (answer: Answer) => this.#answered(answer));
    thread.on("error", (error) => this.#ended(place, false, error as Error));
    return place;
  }
}
