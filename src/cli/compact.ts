import type { Command } from "commander";
import { compactLibrary } from "../datasets/library/compact.js";
import { type LibraryFlags, waiting, withLibrary } from "./library.js";
import { counted, number, printJson, say } from "./output.js";

const examples = `
Examples:
  kalshi-lab compact
  kalshi-lab compact --library /data/kalshi --json

Stop it when you like: the library is whole at every moment, and the next run does the rest.
`;

/** `kalshi-lab compact`: merges the small files of each partition of the library. Asks no exchange. */
export function registerCompact(program: Command): void {
  withLibrary(program.command("compact"))
    .description("merge the small files that many syncs leave in a partition of the library")
    .addHelpText("after", examples)
    .action(async (flags: LibraryFlags) => {
      const done = await compactLibrary({ ...waiting(flags), library: flags.library });
      if (flags.json === true) printJson(done);
      else if (done.partitions === 0) say(`${done.library}: nothing to merge`);
      else
        say(
          `${done.library}: ${counted(done.filesBefore, "file")} of ${counted(done.partitions, "partition")} are ${number(done.filesAfter)} now`,
        );
    });
}
