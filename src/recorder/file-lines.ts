import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { KalshiError, messageOf, systemCode } from "../errors.js";

/** The lines of a text file, of one that ends in `.gz` after unpacking it. @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE` */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const plain: Readable = /\.gz$/i.test(path) ? file.pipe(createGunzip()) : file;
  // A pipe does not hand on what goes wrong before it.
  file.on("error", (error) => plain.destroy(error));
  const lines = createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY });
  let failure: unknown = null;
  plain.on("error", (error) => {
    failure = error;
    lines.close();
  });
  // Told by the stream as well, and also when nobody reads the lines any more.
  lines.on("error", () => {});
  try {
    yield* lines;
  } catch (error) {
    failure ??= error;
  } finally {
    file.destroy();
    plain.destroy();
  }
  if (failure !== null) throw unreadable(path, failure);
}

function unreadable(path: string, error: unknown): KalshiError {
  const isMissing = systemCode(error) === "ENOENT";
  return new KalshiError(isMissing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
    hint: isMissing ? "check the path; relative ones start at the working folder" : "check that the file is whole",
    context: { path },
    cause: error,
  });
}
