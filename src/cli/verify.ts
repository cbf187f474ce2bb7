import type { Command } from "commander";
import { libraryFolder } from "../datasets/library/place.js";
import type { Verified } from "../datasets/verify/fault.js";
import { verifyFolder } from "../datasets/verify/verify-folder.js";
import { KalshiError } from "../errors.js";
import { type LibraryFlags, waiting } from "./library.js";
import { printJson, printLine, say } from "./output.js";

interface Flags extends LibraryFlags {
  readonly complete?: boolean;
}

const examples = `
Examples:
  kalshi-lab verify                    the library in ./datasets
  kalshi-lab verify out/data           files that were downloaded, beside their manifests
  kalshi-lab verify --complete         what is not complete is a fault too
  kalshi-lab verify /data/kalshi --json | jq .faults

Exit 0 when everything is as its manifest says; else 1, each fault on a line of its own. What is not complete, and records that a library has and
the exchange does not tell any more, are told, and are no faults.
`;

/** `kalshi-lab verify [DIR]`: files against their manifests. Asks no exchange. */
export function registerVerify(program: Command): void {
  program
    .command("verify [dir]")
    .description("check a library or a folder of files against the manifests: rows, columns, checksums, completeness")
    .option("--complete", "take what is not complete or was not finished for a fault")
    .option("--library <dir>", "the same as [dir], as other commands have it (KALSHI_LIBRARY_DIR; default ./datasets)")
    .option("--no-wait", "fail when another process works on the library, instead of waiting for it")
    .option("--json", "print what was found as JSON")
    .addHelpText("after", examples)
    .action(async (dir: string | undefined, flags: Flags) => {
      if (dir !== undefined && flags.library !== undefined)
        throw new KalshiError("BAD_ARGUMENT", "[dir] and --library at once", { hint: "give one of the two" });
      const found = await verifyFolder(libraryFolder(dir ?? flags.library, process.env), waiting(flags));
      if (flags.json === true) printJson(found);
      else tell(found);
      const lacking = flags.complete === true ? found.incomplete.length + found.unfinished.length : 0;
      const count = found.faults.length + lacking;
      if (count === 0) return;
      throw new KalshiError("FILE_DAMAGED", `${count} ${count === 1 ? "fault" : "faults"} in ${found.dir}`, {
        hint: "each is named above: download the file again, or restore it from a copy",
      });
    });
}

function tell({ dir, files, rows, bytes, faults, incomplete, vanished, unchecked, unfinished }: Verified): void {
  for (const { path, fault, message } of faults) printLine(`${fault}: ${path}: ${message}`);
  for (const { path, why } of incomplete) printLine(`incomplete: ${path}: ${why}`);
  for (const { path, why } of vanished) printLine(`vanished: ${path}: ${why}`);
  for (const path of unfinished)
    printLine(`unfinished: ${path}: a download that was stopped; the same command goes on with it`);
  for (const path of unchecked) printLine(`unchecked: ${path}: it has no manifest`);
  const number = (value: number): string => value.toLocaleString("en-US");
  say(
    `${dir}: ${number(files)} files, ${number(rows)} rows, ${number(bytes)} bytes checked, ${number(faults.length)} faults`,
  );
}
