import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { saveRows, saveTable } from "../../src/datasets/write.js";
import { KalshiError } from "../../src/errors.js";
import { trades, tradesFrame } from "../../src/frames/trades.js";
import { rawTrade } from "../frames/records.js";

/** Run in a process of its own, whose folder argument is a file system of two megabytes: prints what became of the files. */
const folder = process.argv[2]!;
const path = join(folder, "trades.csv");

const small = trades(Array.from({ length: 100 }, (_, number) => rawTrade(number)));
const large = Array.from({ length: 60_000 }, (_, number) => rawTrade(number));

async function* pages(): AsyncGenerator<readonly unknown[]> {
  for (let at = 0; at < large.length; at += 1000) yield large.slice(at, at + 1000);
}

async function main(): Promise<void> {
  await saveTable(small, path);
  const before = digest();
  const codes = [
    await codeOf(saveTable(trades(large), path)),
    await codeOf(saveRows(tradesFrame, pages(), path, { memory: "32MB" })),
  ];
  process.stdout.write(JSON.stringify({ codes, untouched: digest() === before, files: readdirSync(folder).sort() }));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "fine";
  } catch (error) {
    return error instanceof KalshiError ? (error.code === "DISK_FULL" ? error.code : error.toString()) : String(error);
  }
}

function digest(): string {
  return createHash("sha256")
    .update(readFileSync(path))
    .update(readFileSync(`${path}.manifest.json`))
    .digest("hex");
}

void main();
