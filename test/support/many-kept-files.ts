import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Shelf } from "../../src/history/cache-shelf.js";
import { SECOND } from "../../src/units/time.js";

/**
 * A process that looks into a cache folder of many files, to be run with few files that may be open: `DIR FILES`. Prints how many it finds
 * and how many rows are in them, as JSON: first with what may be open all to itself, then while nothing may be opened for some time.
 */
const [dir, count] = process.argv.slice(2) as [string, string];

const subject = { kind: "trades", key: "T", interval: null } as const;
const shelf = new Shelf(dir, "x");
const spans = Array.from({ length: Number(count) }, (_, at) => ({ from: at * SECOND, to: (at + 1) * SECOND }));
await Promise.all(spans.map((span) => shelf.put(subject, { span, cutoff: 0, closed: true }, ["{}"])));

process.stdout.write(`${JSON.stringify(await found(shelf))}\n`);
const hoarded = hoard();
let settled = false;
const late = found(shelf).finally(() => {
  settled = true;
});
// Long enough for one that takes "too many open files" for an answer.
for (let turn = 0; turn < 20 && !settled; turn += 1) await sleep(10);
for (const file of hoarded) closeSync(file);
process.stdout.write(`${JSON.stringify(await late)}\n`);

async function found(from: Shelf): Promise<{ files: number; rows: number }> {
  const files = await from.files(subject);
  const lines = await Promise.all(files.map((file) => from.lines(file)));
  return { files: files.length, rows: lines.flatMap((some) => some ?? []).length };
}

function hoard(): number[] {
  const files: number[] = [];
  try {
    for (;;) files.push(openSync("/dev/null", "r"));
  } catch {
    return files;
  }
}
