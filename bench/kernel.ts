import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { packagePath } from "../src/store/package.js";
import { JupyterClient } from "../test/support/jupyter-client.js";
import type { BenchResult } from "./result.js";

const ROUNDS = 40;
const LINES = 100_000;
/** Stock tslab loses messages, and what is lost is waited for no longer than this. */
const PATIENCE_MS = 10_000;

const loops = {
  loop: "for (;;) {}",
  loop_after_await: "await new Promise((done) => setTimeout(done, 5)); for (;;) {}",
  loop_of_awaits: "for (;;) await 0",
  loop_in_timer: "setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})",
  promise: "await new Promise(() => {})",
  regexp: "/^(a+)+$/.test('a'.repeat(40) + 'b')",
};

type Figures = Readonly<Record<"started" | "one" | "library" | "after" | "lines" | "linesMs" | "rss", number>>;

/** The kernel beside stock tslab on the same Node, each in a process of its own, one after the other. */
export async function kernels(): Promise<readonly BenchResult[]> {
  const stock = packagePath("node_modules/tslab/bin/tslab");
  const theirs = await measure((file) => [stock, "kernel", `--config-path=${file}`]);
  const ours = await measure();
  const line = (name: string, figure: keyof Figures, digits = 1): BenchResult => ({
    name,
    ratio: round(ours[figure] / theirs[figure], 2),
    unit: "× stock tslab",
    details: { ours: round(ours[figure], digits), tslab: round(theirs[figure], digits) },
  });
  return [
    line("kernel: start to kernel_info_reply, ms", "started", 0),
    line("kernel: 1 + 1, ms", "one"),
    line("kernel: import of the library and a table, ms", "library", 0),
    line("kernel: next cell using the table, ms", "after"),
    line(`kernel: ${LINES} lines of output, those that arrive`, "lines", 0),
    line("kernel: the time they take, ms", "linesMs", 0),
    line("kernel: memory when idle, MB", "rss", 0),
    await interrupts(),
  ];
}

async function measure(args?: (file: string) => readonly string[]): Promise<Figures> {
  // Where stock tslab finds the library.
  const options = { cwd: packagePath("notebooks"), ...(args === undefined ? {} : { args }) };
  const started = await timed(() => JupyterClient.start(options));
  const kernel = started.value;
  try {
    // Both load their compiler with the first cell; what is measured is what comes after.
    await kernel.execute("const first: number = 41; first + 1");
    const rss = memoryOf(kernel.child.pid!);
    const ones: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) ones.push((await timed(() => kernel.execute(`1 + ${round}`))).ms);
    const library = await timed(() =>
      kernel.execute(
        'import { tableText } from "kalshi-lab"; import { table } from "arquero"; const t = table({ a: [1, 2] }); t',
      ),
    );
    const afters: number[] = [];
    for (let round = 0; round < ROUNDS / 4; round += 1)
      afters.push((await timed(() => kernel.execute(`t.numRows() + ${round}`))).ms);
    const lines = await timed(async () => {
      const code = `for (let line = 0; line < ${LINES}; line += 1) console.log(line)`;
      const id = await kernel.send("execute_request", { code });
      await Promise.race([kernel.finished(id), sleep(PATIENCE_MS)]);
      return kernel.stdout(id).split("\n").length - 1;
    });
    return {
      started: started.ms,
      one: median(ones),
      library: library.ms,
      after: median(afters),
      lines: lines.value,
      linesMs: lines.ms,
      rss,
    };
  } finally {
    await kernel.close();
  }
}

/** Each of six loops, until the cell's reply has come. Stock tslab knows no `interrupt_request`; after two of the six it is dead. */
async function interrupts(): Promise<BenchResult> {
  const kernel = await JupyterClient.start();
  const details: Record<string, number> = {};
  for (const [name, code] of Object.entries(loops)) {
    const id = await kernel.send("execute_request", { code: `console.log("begun"); ${code}` });
    await kernel.until(() => kernel.stdout(id) === "begun\n");
    const { ms } = await timed(async () => {
      await kernel.send("interrupt_request", {}, "control");
      await kernel.finished(id);
    });
    details[`${name}_ms`] = round(ms, 0);
  }
  await kernel.close();
  const worst = Math.max(...Object.values(details));
  return {
    name: "kernel: interrupt, the slowest of six loops",
    ratio: round(worst / 100, 2),
    unit: "× 100 ms",
    details,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
}

/** Megabytes that a process has in memory. Linux tells; elsewhere there is no figure. */
function memoryOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) / 1024;
  } catch {
    return Number.NaN;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
