import type { Command } from "commander";

/** Behind the help of the command line itself. */
const ofAll = `
Examples:
  kalshi-lab start                                       all of it on the sandbox, in a minute
  kalshi-lab search "high temperature"                   what there is, by words
  kalshi-lab download trades --series AVONHIGH --out out/trades.parquet
  kalshi-lab COMMAND --help                              flags and examples of a command

Without --env or KALSHI_ENV everything is asked of a sandbox exchange that is started and ended with the command.
Exit 0 done, 1 failed with a code on stderr, 2 wrong usage, 3 a sync after which something is missing, 130 interrupted with its state saved.
`;

/** Examples of the commands that have no more to say, by their words. */
const byCommand: Readonly<Record<string, readonly string[]>> = {
  start: ["start", "start --out /tmp/tour", "start --data ~/records --cutoff 2026-08-01"],
  doctor: ["doctor", "doctor --env production --key-id ID --private-key key.pem", "doctor --env demo --trading --json"],
  search: ['search "high temperature"', "search cpi --limit 10 --json"],
  download: [
    "download trades --series AVONHIGH --from 2026-08-01 --out out/trades.parquet",
    "download candlesticks --event AVONHIGH-26AUG30 --period 1 --out out/candles.csv",
    "download fills --from -30d --out out/fills.csv",
  ],
  record: [
    "record --series SANDBOX --out out/recording --for 10s",
    "record --tickers A,B --out out/recording --status 5s --json",
    "record --from-frames frames.jsonl.gz --out out/again",
  ],
  replay: [
    "replay out/recording --ticker SANDBOX-LIVE-T55 --at 2026-10-15T15:00:05Z",
    "replay out/recording --final --json",
    "replay out/recording --quality",
    "replay out/recording --events --speed 10",
  ],
  export: [
    "export out/recording --as quotes --to out/quotes.parquet",
    "export out/recording --as depth --levels 5 --to out/depth.csv",
    "export out/trades.parquet --to out/trades.csv",
  ],
  fees: ["fees --fills out/fills.csv", "fees --fills fills.json --fee-type quadratic --multiplier 1 --json"],
  reconcile: [
    "reconcile",
    "reconcile --out out/figures.csv --balance out/balance.csv",
    "reconcile --fills fills.json --positions positions.json --settlements settlements.json",
  ],
  "cache ls": ["cache ls", "cache ls --json"],
  "cache clear": ["cache clear --series KXHIGHNY", "cache clear --before -30d", "cache clear"],
  "notebook run": ["notebook run notebooks/*.ipynb", "notebook run study.ipynb -p days 7 --html --out out/study"],
  "kernel install": ["kernel install", "kernel install --prefix .venv"],
  "kernel uninstall": ["kernel uninstall"],
  "library ls": ["library ls", "library ls --library /data/kalshi --json"],
};

/** Adds examples to the help of the command line and of each command that has none of its own. */
export function withExamples(program: Command): void {
  program.addHelpText("after", ofAll);
  for (const command of program.commands) exampleOf(command, command.name());
}

function exampleOf(command: Command, name: string): void {
  for (const below of command.commands) exampleOf(below, `${name} ${below.name()}`);
  const examples = Object.hasOwn(byCommand, name) ? byCommand[name]! : [];
  if (examples.length === 0) return;
  command.addHelpText("after", `\nExamples:\n${examples.map((one) => `  kalshi-lab ${one}`).join("\n")}\n`);
}
