import { Command, CommanderError } from "commander";
import { KalshiError } from "../errors.js";
import { packageVersion } from "../store/package.js";
import { commands } from "./commands.js";
import { withExamples } from "./examples.js";
import { type LevelFlags, setLevel, withLevels } from "./levels.js";
import { withNamedOptions } from "./named-options.js";
import { isNoun } from "./nouns.js";
import { loadSettings } from "./settings.js";
import { EXIT_INTERRUPTED, endWithStarter, isStopped, stopped, watchStops } from "./stop.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * The command line. Results go to stdout, everything else to stderr.
 * Exit 0 done, 1 failed with a `KalshiError` code on stderr, 2 wrong usage, 3 a sync after which something is missing, 130 interrupted with state
 * saved.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("kalshi-lab")
    .description("research toolkit and notebook kernel for the Kalshi exchange")
    .version(packageVersion())
    .exitOverride()
    // What is wrong is said in the same form as every other error, by `explain`.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ sortSubcommands: false })
    // Flags count more than variables, these more than files; help needs none of them.
    .hook("preAction", (_, command) => prepare(command));
  try {
    await register(program, argv[2]);
    await program.parseAsync(joinParameters(argv));
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(error, program, argv.slice(2));
  }
}

/** Loads the one command that is asked for, or all of them for the help: each brings libraries of its own. */
async function register(program: Command, name: string | undefined): Promise<void> {
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
  for (const one of wanted) (await commands[one]!())(program);
  for (const command of program.commands) withLevels(command);
  withExamples(program);
  withNamedOptions(program);
}

/** `-p name value`, as notebook tools have it, in the one word that the parser takes. */
function joinParameters(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    joined.push(word);
    const [name, value] = [argv[at + 1], argv[at + 2]];
    if (
      argv[2] !== "notebook" ||
      (word !== "-p" && word !== "--parameter") ||
      name === undefined ||
      name.includes("=") ||
      value === undefined
    )
      continue;
    joined.push(`${name}=${value}`);
    at += 2;
  }
  return joined;
}

function explain(error: unknown, program: Command, words: readonly string[]): number {
  if (error instanceof CommanderError) return explainUsage(error, program, words);
  if (error instanceof KalshiError) {
    process.stderr.write(`${error.toString()}${askedOfSandbox(error) ? OF_SANDBOX : ""}\n`);
    if (error.code === "BAD_ARGUMENT") return EXIT_USAGE;
    return error.code === "INTERRUPTED" ? EXIT_INTERRUPTED : EXIT_FAILED;
  }
  // What is thrown by something that was told to stop is no failure.
  if (isStopped()) return explain(stopped(), program, words);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_FAILED;
}

/** What is not found in the sandbox may well be at the exchange, which whoever begins does not ask yet. */
const OF_SANDBOX = "; this was asked of the sandbox, --env production asks the exchange itself";

/** Set by the command that runs; null before, and where it asks no exchange. */
let env: string | null = null;

function askedOfSandbox({ code }: KalshiError): boolean {
  return env === "sandbox" && ["SERIES_NOT_FOUND", "EVENT_NOT_FOUND", "MARKET_NOT_FOUND"].includes(code);
}

/** What is to be known before a command begins. */
function prepare(command: Command): void {
  const flags = command.opts<LevelFlags & { readonly env?: string }>();
  setLevel(flags, loadSettings(process.cwd(), process.env));
  const asks = command.options.some(({ long }) => long === "--env");
  const { KALSHI_ENV: own = "" } = process.env;
  env = asks ? (flags.env ?? (own === "" ? "sandbox" : own)) : null;
}

/** Help and version were asked for, or the command line is not understood; help for want of a command was printed by now. */
function explainUsage(error: CommanderError, program: Command, words: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.help") return EXIT_USAGE;
  const told = new KalshiError("BAD_ARGUMENT", error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " "), {
    hint: rightUsage(program, words),
    cause: error,
  });
  process.stderr.write(`${told.toString()}\n`);
  return EXIT_USAGE;
}

/** How the command is to be used that was meant, as far as its words were understood. */
function rightUsage(program: Command, words: readonly string[]): string {
  let [command, name] = [program, "kalshi-lab"];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    [command, name] = [next, `${name} ${word}`];
  }
  const [first = ""] = words;
  if (command === program && isNoun(first)) return rightUsage(program, ["download"]).replace("<noun>", first);
  const below = command === program ? ["COMMAND"] : command.commands.map((one) => one.name());
  const parts = [
    ...(below.length === 0 ? [] : [below.join("|")]),
    ...command.registeredArguments.map((one) => {
      const text = `${one.name()}${one.variadic ? "…" : ""}`;
      return one.required ? `<${text}>` : `[${text}]`;
    }),
    ...command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags),
    "[options]",
  ];
  return `usage: \`${name} ${parts.join(" ")}\`; \`${name} --help\` tells what can be given`;
}

// A reader that has seen enough, such as `| head`, closes its end. That is no reason to stop a download or a recording half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
endWithStarter();
watchStops();
process.exitCode = await main(process.argv);
