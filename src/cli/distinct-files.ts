import { resolve } from "node:path";
import { KalshiError } from "../errors.js";

/**
 * Refuses files to be written that would replace one that is read, or each other.
 *
 * @throws KalshiError `BAD_ARGUMENT` naming the file
 */
export function refuseSameFiles(read: readonly (string | undefined)[], written: readonly string[]): void {
  const taken = new Set(read.filter((path) => path !== undefined).map((path) => resolve(path)));
  for (const path of written) {
    if (taken.has(resolve(path))) {
      throw new KalshiError("BAD_ARGUMENT", `${path} would be written over a file that is read or written too`, {
        hint: "give each output a file of its own",
        context: { path },
      });
    }
    taken.add(resolve(path));
  }
}
