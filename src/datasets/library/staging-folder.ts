import { lstatSync } from "node:fs";
import { join } from "node:path";
import { KalshiError } from "../../errors.js";

/** Where what is not finished lies; nothing below it is data of the library. */
export function stagingFolder(library: string): string {
  return join(library, "_staging");
}

/** Names in the staging folder of a question that is being answered. */
export const ASK_FILE = "ask.json";
export const ROWS_FILE = "rows.parquet";

/** Where the question is that is being answered, or that a stopped sync has left. */
export function leftQuestionPath(library: string): string {
  return join(stagingFolder(library), ASK_FILE);
}

/** A folder of the library, none of whose parts is a link that leads out of it. */
export function ownFolder(library: string, path: string): string {
  let at = library;
  for (const name of path.split(/[\\/]/)) {
    at = join(at, name);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw new KalshiError("FILE_UNREADABLE", `${at} is a link to elsewhere`, {
      hint: "what is below it may not be the library's own to move and remove: put the folder itself there",
      context: { path: at },
    });
  }
  return at;
}
