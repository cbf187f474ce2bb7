import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packagePath } from "../src/store/package.js";
import { JupyterClient } from "../test/support/jupyter-client.js";
import { median, type Peer, timed } from "./kernel-figures.js";
import type { BenchResult } from "./result.js";

const RUNS = 3;
const cells = [
  "const prices: number[] = [0.4, 0.45, 0.5]; prices.length",
  "const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length; mean",
  "await new Promise<void>((done) => setTimeout(done, 0)); console.log(mean)",
];

/** Three cells from nothing to the end of the process: ours by the command, the others by a client of their protocol. */
export async function threeCells(peers: readonly Peer[]): Promise<readonly (readonly [string, number])[]> {
  const folder = await mkdtemp(join(tmpdir(), "kalshi-bench-"));
  const file = join(folder, "three.ipynb");
  await writeFile(file, JSON.stringify(notebook()));
  const found: (readonly [string, number])[] = [];
  for (const peer of peers) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      times.push((await timed(() => (peer.name === "ours" ? byCommand(file, folder) : byProtocol(peer)))).ms);
    }
    found.push([peer.name, median(times)]);
  }
  await rm(folder, { recursive: true });
  return found;
}

function notebook(): object {
  const codeCell = (source: string, at: number) => ({
    id: `cell-${at}`,
    cell_type: "code",
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  });
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: cells.map(codeCell) };
}

async function byCommand(file: string, out: string): Promise<void> {
  const args = [packagePath("bin/kalshi-lab.js"), "notebook", "run", file, "--out", join(out, "executed")];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`kalshi-lab notebook run ended with ${code}`);
}

async function byProtocol(peer: Peer): Promise<void> {
  const kernel = await JupyterClient.start(peer.start);
  for (const code of cells) {
    const { reply } = await kernel.execute(code);
    if (reply.status !== "ok") throw new Error(`${peer.name}: ${JSON.stringify(reply)}`);
  }
  await kernel.send("shutdown_request", { restart: false }, "control");
  await kernel.exit();
  await kernel.close();
}

/** A chart of so many points, shown by a cell that has shown one before. */
export async function chartOf(points: number): Promise<BenchResult> {
  const kernel = await JupyterClient.start({ cwd: packagePath("notebooks") });
  const spec = JSON.stringify({
    mark: "line",
    encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
  });
  await kernel.execute(
    `import { chartOf } from "kalshi-lab"; const values = Array.from({ length: ${points} }, (_, x) => ({ x, y: Math.sin(x / 50) }));`,
  );
  const times: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const { value, ms } = await timed(() =>
      kernel.execute(`chartOf("sine", ${points}, { ...${spec}, data: { values } } as never) // ${round}`),
    );
    const data = value.outputs.find(({ type }) => type === "execute_result")?.content.data as Record<string, unknown>;
    if (!("image/png" in data)) throw new Error(`no chart: ${JSON.stringify(value.reply)}`);
    if (round > 0) times.push(ms);
  }
  await kernel.close();
  const ms = median(times);
  return {
    name: `kernel: a chart of ${points} points, picture and specification`,
    ratio: Number((ms / 150).toFixed(2)),
    unit: "× 150 ms",
    details: { ms: Math.round(ms) },
  };
}
