import { type Command, Option } from "commander";
import { libraryKinds } from "../datasets/library/kinds.js";
import type { Amendment } from "../datasets/library/merge-rows.js";
import { connect } from "../lab/connect.js";
import type { SyncedSubject, SyncReport } from "../lab/sync/ask-and-report.js";
import { nameOf } from "../lab/sync/subjects.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { type LibraryFlags, waiting, withLibrary } from "./library.js";
import { list, number, printJson, printLine, say, warn } from "./output.js";

interface Flags extends ConnectionFlags, LibraryFlags {
  readonly series?: string[];
  readonly kinds?: string[];
  readonly period?: string;
  readonly from?: string;
  readonly sameAccount?: boolean;
  readonly acceptLost?: boolean;
}

/** Amendments that are told one by one. */
const TOLD = 20;

const examples = `
Examples:
  kalshi-lab sync --series AVONHIGH,NORCPI         markets, trades and candles of two series, now and with every later sync
  kalshi-lab sync                                  everything the library keeps, brought up to date
  kalshi-lab sync --series NORLEAD --kinds trades --from 2026-09-01
  kalshi-lab sync --kinds fills,settlements        of your account
  kalshi-lab sync --series KXHIGHNY --library /data/kalshi --env production --json
  kalshi-lab sync --accept-lost --quiet            every day by cron, also where the exchange itself has lost something

Exit 0 when all of it is there, 3 when something is missing though the sync is done (each on a line of its own), else as every command.
What the exchange has no more itself stays missing: with --accept-lost it is still told, here and in every manifest, and is no reason for 3.

Run it again after a stop: it goes on where it was. Any engine reads the library: ./datasets/kind=trades/series=…/date=…/*.parquet.
`;

/** `kalshi-lab sync`: brings the library of datasets up to date. */
export function registerSync(program: Command): void {
  const command = program
    .command("sync")
    .description("bring the library of datasets up to date: only what is new, and what can have changed");
  withLibrary(withConnection(command))
    .option("--series <ids>", "series to keep from now on, separated by commas", list)
    .option(
      "--kinds <names>",
      `of ${Object.keys(libraryKinds).join(", ")} (default: the first three, of --series)`,
      list,
    )
    .addOption(new Option("--period <minutes>", "of candlesticks (default 60)").choices(["1", "60", "1440"]))
    .option("--from <time>", 'keep nothing older: RFC 3339, a date, or "-30d"')
    .option("--same-account", "fills and settlements synced with another key are of this account: its key was replaced")
    .option("--accept-lost", "exit 0 where all that is missing is what the exchange itself has no more")
    .addHelpText("after", examples)
    .action(async (flags: Flags) => {
      const options = waiting(flags);
      const lab = await connect({ ...connectionOf(flags), signal: options.signal });
      try {
        const report = await lab.sync({
          ...options,
          library: flags.library,
          series: flags.series,
          kinds: flags.kinds,
          period: flags.period === undefined ? undefined : Number(flags.period),
          from: flags.from,
          sameAccount: flags.sameAccount,
          onSubject: (subject) => {
            if (flags.json !== true) printLine(subjectLine(subject));
          },
        });
        tellChanges(report);
        if (flags.json === true) printJson(report);
        say(
          `${report.library}: ${report.requests} requests, ${report.files} files written${report.resumed ? " (gone on with)" : ""}`,
        );
        const lacking = report.subjects.filter(({ complete }) => !complete);
        for (const one of lacking)
          warn(`incomplete: ${nameOf(one)}: ${one.why}${isLost(one) ? " (no later sync brings it)" : ""}`);
        const counted = flags.acceptLost === true ? lacking.filter((one) => !isLost(one)) : lacking;
        if (counted.length > 0) process.exitCode = EXIT_INCOMPLETE;
      } finally {
        await lab.close();
      }
    });
}

/** Exit code of a sync that has done what it could, and after which something is missing in the library all the same. */
const EXIT_INCOMPLETE = 3;

/** Whether all that is missing is missing for good. */
function isLost({ why, lost }: SyncedSubject): boolean {
  return why === lost;
}

function subjectLine(subject: SyncedSubject): string {
  const { added, updated, amended, vanished, through, why } = subject;
  const changes = [
    `${number(added)} new`,
    ...(updated > 0 ? [`${number(updated)} updated`] : []),
    ...(amended > 0 ? [`${number(amended)} of them amended`] : []),
    ...(vanished > 0 ? [`${number(vanished)} kept that the exchange does not tell any more`] : []),
  ].join(", ");
  return `${nameOf(subject)}: ${changes}, ${through === null ? "not complete yet" : `all before ${through}`}${why === null ? "" : `; incomplete: ${why}`}`;
}

/** What the exchange tells otherwise than it did, and what of the command was not done. */
function tellChanges({ amendments, vanished, notes, subjects }: SyncReport): void {
  for (const note of notes) warn(`note: ${note}`);
  for (const one of amendments.slice(0, TOLD)) warn(amendmentLine(one));
  const more = subjects.reduce((sum, { amended }) => sum + amended, 0) - TOLD;
  if (more > 0)
    warn(`and ${more} more that the exchange tells otherwise than before; --json lists up to a thousand of each kind`);
  for (const { kind, key } of vanished.slice(0, TOLD)) warn(`not told by the exchange any more: ${kind} ${key}`);
  if (vanished.length > TOLD)
    warn(`and ${vanished.length - TOLD} more that it does not tell any more; --json lists them`);
}

function amendmentLine({ kind, key, changes }: Amendment): string {
  return `amended at the exchange: ${kind} ${key}: ${changes.join(", ")}`;
}
