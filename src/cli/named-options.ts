import type { Command } from "commander";
import { KalshiError } from "../errors.js";

/** Lets what is wrong with an option's value be told with the option's name, for every command and those below it. */
export function withNamedOptions(command: Command): void {
  for (const option of command.options) {
    const read: unknown = option.parseArg;
    if (typeof read !== "function") continue;
    option.argParser((value: string, before: unknown): unknown => {
      try {
        return read(value, before) as unknown;
      } catch (error) {
        if (!(error instanceof KalshiError)) throw error;
        const { code, message, hint, context } = error;
        throw new KalshiError(code, `${option.long ?? option.short}: ${message}`, { hint, context, cause: error });
      }
    });
  }
  for (const below of command.commands) withNamedOptions(below);
}
