import type { Command } from "commander";
import { requests, type ToldRequest } from "../client/told-requests.js";
import { KalshiError } from "../errors.js";
import { silenceProgress } from "../lab/progress.js";
import { beQuiet, say } from "./output.js";
import type { Source } from "./settings.js";

export interface LevelFlags {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Adds `--quiet` and `--verbose` to a command, or to each of those below it. */
export function withLevels(command: Command): void {
  if (command.commands.length > 0) {
    for (const one of command.commands) withLevels(one);
    return;
  }
  command
    .option("-q, --quiet", "no progress, on stderr only what is wrong or in doubt; results as ever")
    .option("-v, --verbose", "tell every request to the exchange, and which files settings came from");
}

/** How much a command is to tell on stderr. @throws KalshiError `BAD_ARGUMENT` */
export function setLevel({ quiet, verbose }: LevelFlags, sources: readonly Source[]): void {
  if (quiet === true && verbose === true)
    throw new KalshiError("BAD_ARGUMENT", "--quiet and --verbose at once", { hint: "give one of the two" });
  if (quiet === true) {
    beQuiet();
    silenceProgress();
  }
  if (verbose !== true) return;
  // A line that renews itself would stand between those of the requests.
  silenceProgress();
  for (const { path, names } of sources) if (names.length > 0) say(`settings: ${names.join(", ")} from ${path}`);
  requests.subscribe((told) => say(requestLine(told as ToldRequest)));
}

/** `GET /markets?series_ticker=X: 200, 12 ms, 10 tokens`, with the number of the try from the second on. */
function requestLine({ method, path, status, ms, number, cost }: ToldRequest): string {
  const again = number === 1 ? "" : `, try ${number}`;
  return `${method} ${path}: ${status ?? "no answer"}, ${ms.toFixed(0)} ms, ${cost} tokens${again}`;
}
