import { packagePath } from "../src/store/package.js";
import { denoProgram } from "./deno.js";
import { type Figures, interruptsOf, measure, type Peer } from "./kernel-figures.js";
import { chartOf, threeCells } from "./kernel-notebook.js";
import type { BenchResult } from "./result.js";

/** The kernel beside stock tslab on the same Node and, where it can, Deno's kernel: each in processes of its own, one after the other. */
export async function kernels(): Promise<readonly BenchResult[]> {
  const peers = peersHere();
  const figures = new Map<string, Figures>();
  for (const peer of peers) figures.set(peer.name, await measure(peer));
  const line = (name: string, figure: keyof Figures, digits = 1): BenchResult =>
    compared(
      name,
      [...figures].map(([peer, found]) => [peer, found[figure]]),
      digits,
    );
  return [
    line("kernel: start to kernel_info_reply, ms", "started", 0),
    line("kernel: start to the answer of a cell sent at once, ms", "firstCell", 0),
    line("kernel: 1 + 1, ms", "one"),
    line("kernel: import of the library and a table, ms", "library", 0),
    line("kernel: next cell using the table, ms", "after"),
    line("kernel: completion, ms", "completion"),
    line("kernel: completion while a cell spins for two seconds, ms", "busyCompletion", 0),
    line("kernel: 100,000 lines of output, those that arrive", "lines", 0),
    line("kernel: the time they take, ms", "linesMs", 0),
    line("kernel: memory when idle, all its processes, MB", "idleMemory", 0),
    line("kernel: memory after these cells, all its processes, MB", "memory", 0),
    ...(await interrupts(peers)),
    compared("kernel: a notebook of three cells without Jupyter, start to end, ms", await threeCells(peers), 0),
    await chartOf(1_000),
  ];
}

function peersHere(): readonly Peer[] {
  // Where stock tslab finds the library.
  const cwd = packagePath("notebooks");
  const stock = packagePath("node_modules/tslab/bin/tslab");
  const deno = denoProgram();
  return [
    { name: "ours", interrupt: "message", start: { cwd } },
    { name: "tslab", interrupt: "signal", start: { cwd, args: (file) => [stock, "kernel", `--config-path=${file}`] } },
    ...(deno === null
      ? []
      : [
          {
            name: "deno",
            interrupt: "message" as const,
            start: { cwd, command: deno, args: (file: string) => ["jupyter", "--kernel", "--conn", file] },
          },
        ]),
  ];
}

/** Ours by stock tslab's; what a peer cannot do at all has no figure. */
function compared(name: string, figures: readonly (readonly [string, number | null])[], digits: number): BenchResult {
  const found = new Map(figures);
  const ratio = (found.get("ours") ?? Number.NaN) / (found.get("tslab") ?? Number.NaN);
  const details = figures.map(([peer, figure]) => [peer, figure === null ? "cannot" : round(figure, digits)]);
  return { name, ratio: round(ratio, 2), unit: "× stock tslab", details: Object.fromEntries(details) };
}

async function interrupts(peers: readonly Peer[]): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const peer of peers) {
    const found = Object.entries(await interruptsOf(peer));
    const stopped = found.flatMap(([, ms]) => (ms === null ? [] : [ms]));
    results.push({
      name: `kernel: interrupt in ${peer.name}, ${stopped.length} of ${found.length} loops stopped, the slowest`,
      ratio: stopped.length === 0 ? Number.NaN : round(Math.max(...stopped) / 100, 2),
      unit: "× 100 ms",
      details: Object.fromEntries(found.map(([loop, ms]) => [loop, ms === null ? "never" : round(ms, 0)])),
    });
  }
  return results;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
