import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { bookBuilding } from "./book.js";
import { charts } from "./charts.js";
import { deltas } from "./deltas.js";
import { downloads } from "./download.js";
import { files } from "./files.js";
import { asofJoins } from "./joins.js";
import { kernels } from "./kernel.js";
import { libraryDay } from "./library-day.js";
import { pagesToTable } from "./pages-to-table.js";
import { profits } from "./profit.js";
import { quotes } from "./quotes.js";
import { recording } from "./recorder.js";
import { recorderMemory } from "./recorder-memory.js";
import { recordings } from "./recording.js";
import type { BenchResult } from "./result.js";
import { transforms } from "./transforms.js";

/** `npm run bench`: each figure a ratio measured in one run, printed and written to out/bench.json. */
const benches: readonly (() => Promise<readonly BenchResult[]>)[] = [
  pagesToTable,
  bookBuilding,
  transforms,
  quotes,
  profits,
  asofJoins,
  recordings,
  recording,
  recorderMemory,
  downloads,
  files,
  libraryDay,
  deltas,
  charts,
  kernels,
];

const results: BenchResult[] = [];
for (const bench of benches) {
  for (const result of await bench()) report(result);
}

function report(result: BenchResult): void {
  results.push(result);
  console.log(`${result.name.padEnd(48)} ${result.ratio.toFixed(2)} ${result.unit}`);
  for (const [name, value] of Object.entries(result.details)) console.log(`    ${name.padEnd(44)} ${value}`);
}

mkdirSync("out", { recursive: true });
const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
writeFileSync("out/bench.json", `${JSON.stringify({ at: new Date().toISOString(), machine, results }, null, 2)}\n`);
