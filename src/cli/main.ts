import { Command, CommanderError } from "commander";
import { KalshiError } from "../errors.js";
import { packageVersion } from "../store/package.js";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

/**
 * The command line. Results go to stdout, everything else to stderr.
 * Exit 0 done, 1 failed with a `KalshiError` code on stderr, 2 wrong usage, 130 interrupted with state saved.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("kalshi-lab")
    .description("research toolkit and notebook kernel for the Kalshi exchange")
    .version(packageVersion())
    .exitOverride()
    .configureHelp({ sortSubcommands: false });
  await register(program, argv[2]);
  try {
    await program.parseAsync(joinParameters(argv));
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(error);
  }
}

/** Loads the one command that is asked for, or all of them for the help: each brings libraries of its own. */
async function register(program: Command, name: string | undefined): Promise<void> {
  const wanted = name !== undefined && name in commands ? [name] : Object.keys(commands);
  for (const one of wanted) (await commands[one]!())(program);
}

const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  start: async () => (await import("./start.js")).registerStart,
  sandbox: async () => (await import("./sandbox.js")).registerSandbox,
  doctor: async () => (await import("./doctor.js")).registerDoctor,
  search: async () => (await import("./search.js")).registerSearch,
  download: async () => (await import("./download.js")).registerDownload,
  record: async () => (await import("./record.js")).registerRecord,
  replay: async () => (await import("./replay.js")).registerReplay,
  pnl: async () => (await import("./pnl.js")).registerPnl,
  notebook: async () => (await import("./notebook.js")).registerNotebook,
  kernel: async () => (await import("./kernel.js")).registerKernel,
};

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

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof KalshiError) {
    process.stderr.write(`${error.toString()}\n`);
    if (error.code === "BAD_ARGUMENT") return EXIT_USAGE;
    return error.code === "INTERRUPTED" ? EXIT_INTERRUPTED : EXIT_FAILED;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_FAILED;
}

process.exitCode = await main(process.argv);
