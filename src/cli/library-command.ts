import type { Command } from "commander";
import { type Dataset, datasetsIn } from "../datasets/library/datasets-in.js";
import { type DropAsk, dropFromLibrary, requireLibrary } from "../datasets/library/drop.js";
import { libraryFolder } from "../datasets/library/place.js";
import { type LibraryFlags, waiting, withLibrary } from "./library.js";
import { counted, list, number, printJson, printLine, say } from "./output.js";

interface DropFlags extends LibraryFlags {
  readonly series?: string[];
  readonly kinds?: string[];
}

const examples = `
Examples:
  kalshi-lab library drop --series NORCPI                all that the library has of a series
  kalshi-lab library drop --series NORCPI --kinds trades
  kalshi-lab library drop --kinds fills,settlements      of your account

What is dropped is removed from the disk and kept up to date no more; sync it again to have it back. To keep less of a series than before, drop
it and sync it with a later --from.
`;

/** `kalshi-lab library ls`, `library drop`: what the library keeps, and keeps no more. Asks no exchange. */
export function registerLibrary(program: Command): void {
  const command = program.command("library").description("look into the library of datasets, and drop what it keeps");
  command
    .command("ls")
    .description("list what the library keeps: rows, files, bytes, since when and how far")
    .option("--library <dir>", "folder of the library (KALSHI_LIBRARY_DIR; default ./datasets)")
    .option("--json", "print JSON")
    .action(async ({ library: given, json }: { library?: string; json?: boolean }) => {
      const library = libraryFolder(given, process.env);
      requireLibrary(library);
      const found = await datasetsIn(library);
      if (json === true) printJson(found);
      else for (const one of found) printLine(lineOf(one));
      const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
      say(`${library}: ${found.length} datasets, ${number(bytes)} bytes`);
    });
  withLibrary(command.command("drop"))
    .description("remove series, or records of the account, from the library")
    .option("--series <ids>", "series to remove, separated by commas", list)
    .option("--kinds <names>", "only of these kinds (default: all of --series)", list)
    .addHelpText("after", examples)
    .action(async (flags: DropFlags) => {
      const ask: DropAsk = { ...waiting(flags), library: flags.library, series: flags.series, kinds: flags.kinds };
      const { library, dropped } = await dropFromLibrary(ask);
      if (flags.json === true) printJson({ library, dropped });
      else for (const one of dropped) printLine(`dropped ${lineOf(one)}`);
    });
}

function lineOf({ kind, series, periods, from, through, files, rows, bytes, lacks }: Dataset): string {
  const name = [series, kind, ...(periods.length === 0 ? [] : [`of ${periods.join(" and ")} min`])]
    .filter((word) => word !== null)
    .join(" ");
  const span = `${from === null ? "" : `from ${from}, `}${through === null ? "not complete yet" : `all before ${through}`}`;
  return `${name}: ${counted(rows, "row")} in ${counted(files, "file")}, ${number(bytes)} bytes, ${span}${lacks === null ? "" : `; incomplete: ${lacks}`}`;
}
