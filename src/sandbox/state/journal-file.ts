import { closeSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { KalshiError, messageOf } from "../../errors.js";
import { writeError, writeFileAtomic } from "../../store/atomic-file.js";
import { Batch, entriesOf, entryKind, readBatch } from "../../store/segment.js";
import type { Json } from "../types.js";

const NAME = /^journal-(\d{6})\.log$/;

/** What was read back, and how much of its end was cut off. */
export interface JournalRead {
  readonly records: readonly unknown[];
  /** Number of the file; the next one begun is above it. */
  readonly number: number;
  readonly cutBytes: number;
}

/** Records of one folder, in a file that only grows. One that was appended survives the process, though not a power cut. */
export class JournalFile {
  readonly #fd: number;
  readonly #path: string;
  readonly #batch = new Batch();

  private constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, "a", 0o600);
  }

  /** Reads the newest journal of a folder, null where there is none; an unfinished record at its end is cut off. */
  static read(dir: string): JournalRead | null {
    const number = numbersIn(dir).at(-1);
    if (number === undefined) return null;
    const path = join(dir, nameOf(number));
    const bytes = readFileSync(path);
    const records: unknown[] = [];
    let at = 0;
    while (at < bytes.length) {
      const batch = readBatch(bytes.subarray(at));
      if (typeof batch === "string") break;
      for (const { body } of entriesOf(batch.payload)) records.push(readRecord(path, body));
      at += batch.next;
    }
    if (at < bytes.length) truncateSync(path, at);
    return { records, number, cutBytes: bytes.length - at };
  }

  /**
   * Begins a journal with these records, whole or not at all, in place of all before it.
   *
   * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`
   */
  static async begin(dir: string, number: number, records: readonly Json[]): Promise<JournalFile> {
    const path = join(dir, nameOf(number));
    await writeFileAtomic(path, Buffer.concat(records.map((record) => sealed(new Batch(), record))));
    for (const old of numbersIn(dir)) if (old < number) rmSync(join(dir, nameOf(old)), { force: true });
    return new JournalFile(path);
  }

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  append(record: Json): void {
    const bytes = sealed(this.#batch, record);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function sealed(batch: Batch, record: Json): Buffer {
  batch.clear();
  batch.add(entryKind.text, 0, 0, Buffer.from(JSON.stringify(record)));
  return Buffer.from(batch.seal());
}

function readRecord(path: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new KalshiError("CHECKPOINT_DAMAGED", `the journal ${path} is not what was written: ${messageOf(cause)}`, {
      hint: "give another folder, or a copy of this one from before",
      context: { path },
      cause,
    });
  }
}

function numbersIn(dir: string): number[] {
  return readdirSync(dir)
    .map((name) => NAME.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

function nameOf(number: number): string {
  return `journal-${String(number).padStart(6, "0")}.log`;
}
