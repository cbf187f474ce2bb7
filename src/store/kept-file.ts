import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { systemCode } from "../errors.js";
import { writeFileAtomic } from "./atomic-file.js";
import { sparingFiles } from "./open-files.js";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const MAGIC = "kalshi-lab-kept-1";
/** Enough for nearly every head. */
const HEAD_BYTES = 1024;

/** The head of a kept file. */
export interface Kept {
  /** What the rows are, as {@link keepRows} was told. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly rows: number;
}

interface Head extends Kept {
  readonly bytes: number;
  readonly sha256: string;
}

/** What reading a kept file can come to otherwise: it is not there or cannot be opened, or it is not what was written. */
export type Unreadable = "absent" | "damaged";

/**
 * Writes rows, each one line of JSON, as a file that appears whole or not at all and is never changed: a line that tells what they are,
 * and the rows compressed, both with their checksum.
 *
 * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`
 */
export async function keepRows(path: string, about: Kept["about"], lines: readonly string[]): Promise<void> {
  const body = await compress(lines.join("\n"));
  const head = JSON.stringify({ about, rows: lines.length, bytes: body.length, sha256: sha256(body) } satisfies Head);
  const data = Buffer.concat([Buffer.from(`${MAGIC} ${sha256(head)} ${head}\n`), body]);
  await sparingFiles(() => writeFileAtomic(path, data));
}

/** Reads what a kept file says of itself; its rows may still be damaged. */
export async function readKept(path: string): Promise<Kept | Unreadable> {
  try {
    return headOf(await sparingFiles(() => startOf(path)))?.head ?? "damaged";
  } catch (error) {
    return absent(error);
  }
}

/** Enough of a file for its head. */
async function startOf(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const start = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(start, 0, HEAD_BYTES, 0);
    const found = start.subarray(0, bytesRead);
    return found.includes("\n") ? found : await file.readFile();
  } finally {
    await file.close();
  }
}

/** The rows of a kept file as lines of JSON, once all of it is found to be what was written. */
export async function readKeptLines(path: string): Promise<readonly string[] | Unreadable> {
  let data: Buffer;
  try {
    data = await sparingFiles(() => readFile(path));
  } catch (error) {
    return absent(error);
  }
  const found = headOf(data);
  if (found === null) return "damaged";
  const body = data.subarray(found.end);
  if (body.length !== found.head.bytes || sha256(body) !== found.head.sha256) return "damaged";
  const lines = found.head.rows === 0 ? [] : (await decompress(body)).toString("utf8").split("\n");
  return lines.length === found.head.rows ? lines : "damaged";
}

function headOf(data: Buffer): { head: Head; end: number } | null {
  const end = data.indexOf("\n");
  const [magic, sum, ...rest] = data.subarray(0, Math.max(0, end)).toString("utf8").split(" ");
  const text = rest.join(" ");
  if (magic !== MAGIC || sum !== sha256(text)) return null;
  return { head: JSON.parse(text) as Head, end: end + 1 };
}

/** Whatever the system says when it does not let us read: such a file is done without. A fault of ours is none of that. */
function absent(error: unknown): "absent" {
  if (systemCode(error) === null) throw error;
  return "absent";
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
