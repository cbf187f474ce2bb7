import type { Command } from "commander";
import type { LockOptions } from "../datasets/library/lock-library.js";
import { warn } from "./output.js";
import { stopSignal } from "./stop.js";

/** Flags of the commands that work on a library. */
export interface LibraryFlags {
  readonly library?: string;
  readonly wait: boolean;
  readonly json?: boolean;
}

/** Adds the flags of a library to a command. */
export function withLibrary(command: Command): Command {
  return command
    .option("--library <dir>", "folder of the library (KALSHI_LIBRARY_DIR; default ./datasets)")
    .option("--no-wait", "fail when another process works on the library, instead of waiting for it")
    .option("--json", "print JSON");
}

/** How to come by the library, saying so when it takes time. */
export function waiting({ wait }: LibraryFlags): Required<Omit<LockOptions, "otherMachineMs">> {
  return { wait, signal: stopSignal(), onWait: ({ message, hint }) => warn(`waiting: ${message}\n  → ${hint}`) };
}
