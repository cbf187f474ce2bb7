import { setTimeout as sleep } from "node:timers/promises";
import { JupyterClient } from "../test/support/jupyter-client.js";
import { memoryOf } from "./memory.js";

/** A kernel to be measured. */
export interface Peer {
  readonly name: string;
  /** How it wants to be interrupted. */
  readonly interrupt: "message" | "signal";
  readonly start: NonNullable<Parameters<typeof JupyterClient.start>[0]>;
}

/** Null is what the kernel cannot do. */
export type Figures = Readonly<
  Record<
    | "started"
    | "firstCell"
    | "one"
    | "library"
    | "after"
    | "completion"
    | "busyCompletion"
    | "lines"
    | "linesMs"
    | "idleMemory"
    | "memory",
    number | null
  >
>;

const STARTS = 3;
const ROUNDS = 40;
const LINES = 100_000;
/** Some lose messages, and what is lost is waited for no longer than this. */
const PATIENCE_MS = 10_000;
/** As long as a kernel with nothing to do takes to settle, at most. */
const SETTLED_MS = 3_000;
const STOP_PATIENCE_MS = 2_000;

export async function measure(peer: Peer): Promise<Figures> {
  const starts: { started: number; firstCell: number }[] = [];
  for (let round = 0; round < STARTS; round += 1) starts.push(await startOf(peer));
  const kernel = await JupyterClient.start(peer.start);
  try {
    await kernel.execute("const first: number = 41; first + 1");
    await sleep(SETTLED_MS);
    const idleMemory = memoryOf(kernel.child.pid!);
    const one = await medianOf(ROUNDS, (round) => kernel.execute(`1 + ${round}`));
    const library = await libraryCell(kernel);
    const after =
      library === null ? null : await medianOf(ROUNDS / 4, (round) => kernel.execute(`t.numRows() + ${round}`));
    const completion = await medianOf(ROUNDS / 2, (round) => complete(kernel, `Math.si${" ".repeat(round)}`));
    const memory = memoryOf(kernel.child.pid!);
    return {
      started: median(starts.map(({ started }) => started)),
      firstCell: median(starts.map(({ firstCell }) => firstCell)),
      one,
      library,
      after,
      completion,
      busyCompletion: await busyCompletion(kernel),
      ...(await linesOf(kernel)),
      idleMemory,
      memory,
    };
  } finally {
    await kernel.close();
  }
}

async function startOf(peer: Peer): Promise<{ started: number; firstCell: number }> {
  const begun = performance.now();
  const kernel = await JupyterClient.start(peer.start);
  const started = performance.now() - begun;
  await kernel.execute("const first: number = 41; first + 1");
  const firstCell = performance.now() - begun;
  await kernel.close();
  return { started, firstCell };
}

async function libraryCell(kernel: JupyterClient): Promise<number | null> {
  const code =
    'import { tableText } from "kalshi-lab"; import { table } from "arquero"; const t = table({ a: [1, 2] }); t';
  const { value, ms } = await timed(() => kernel.execute(code));
  return value.reply.status === "ok" ? ms : null;
}

function complete(kernel: JupyterClient, code: string): Promise<unknown> {
  return kernel.ask("complete_request", { code, cursor_pos: "Math.si".length });
}

async function busyCompletion(kernel: JupyterClient): Promise<number> {
  const code = 'console.log("begun"); const until = Date.now() + 2_000; while (Date.now() < until);';
  const id = await kernel.send("execute_request", { code });
  // What a kernel shows only when the cell has ended is not waited for.
  await Promise.race([kernel.until(() => kernel.stdout(id) === "begun\n"), sleep(500)]);
  const { ms } = await timed(() => complete(kernel, "Math.si"));
  await kernel.finished(id);
  return ms;
}

async function linesOf(kernel: JupyterClient): Promise<{ lines: number; linesMs: number }> {
  const { value, ms } = await timed(async () => {
    const code = `for (let line = 0; line < ${LINES}; line += 1) console.log(line)`;
    const id = await kernel.send("execute_request", { code });
    await Promise.race([kernel.finished(id), sleep(PATIENCE_MS)]);
    return kernel.stdout(id).split("\n").length - 1;
  });
  return { lines: value, linesMs: ms };
}

const loops = {
  loop: "for (;;) {}",
  loop_after_await: "await new Promise((done) => setTimeout(done, 5)); for (;;) {}",
  loop_of_awaits: "for (;;) await 0",
  loop_in_timer: "setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})",
  promise: "await new Promise(() => {})",
  regexp: "/^(a+)+$/.test('a'.repeat(40) + 'b')",
};

/**
 * Milliseconds until a cell has ended that was interrupted, by what it does. Null when it goes on, or when the kernel runs no further cell or has
 * lost what earlier ones declared. Each in a kernel of its own: some are never themselves again.
 */
export async function interruptsOf(peer: Peer): Promise<Record<string, number | null>> {
  const found: Record<string, number | null> = {};
  for (const [name, code] of Object.entries(loops)) {
    const kernel = await JupyterClient.start(peer.start);
    found[name] = await interrupted(peer, kernel, code);
    await kernel.close();
  }
  return found;
}

async function interrupted(peer: Peer, kernel: JupyterClient, code: string): Promise<number | null> {
  await kernel.execute("const kept = 40 + 2;");
  const id = await kernel.send("execute_request", { code: `console.log("begun"); ${code}` });
  const ended = kernel.finished(id);
  // Some show nothing before the cell ends; by then it has begun all the same.
  await Promise.race([kernel.until(() => kernel.stdout(id) !== ""), sleep(STOP_PATIENCE_MS)]);
  if ((await Promise.race([ended, sleep(0, null)])) !== null)
    throw new Error(`${peer.name}: "${code}" ended by itself`);
  const { value, ms } = await timed(async () => {
    if (peer.interrupt === "signal") kernel.child.kill("SIGINT");
    else await kernel.send("interrupt_request", {}, "control");
    return Promise.race([ended, sleep(STOP_PATIENCE_MS, null)]);
  });
  if (value === null) return null;
  // Stock tslab runs nothing for 200 ms after an error.
  await sleep(300);
  const after = await Promise.race([kernel.execute("console.log(kept)"), sleep(STOP_PATIENCE_MS, null)]);
  return after?.stdout === "42\n" ? ms : null;
}

async function medianOf(rounds: number, work: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push((await timed(() => work(round))).ms);
  return median(times);
}

export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
