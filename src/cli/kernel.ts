import { join } from "node:path";
import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { say } from "./output.js";

interface Flags {
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  readonly strict?: boolean;
}

/** `kalshi-lab kernel install`, `kernel uninstall`: the kernelspec of Jupyter; needs no Python. */
export function registerKernel(program: Command): void {
  const kernel = program.command("kernel").description("make the TypeScript kernel known to Jupyter, or remove it");
  kernel
    .command("install")
    .description("write the kernelspec; needs no Python")
    .option("--prefix <dir>", "into an environment, such as a .venv, instead of the user's own folder")
    .option("--sys-prefix", "into the Python environment that is active (VIRTUAL_ENV or CONDA_PREFIX)")
    .option("--strict", "check types in cells as strictly as TypeScript can")
    .action(async (flags: Flags) => {
      const { installKernel } = await import("../kernel/install.js");
      say(`installed ${await installKernel({ ...location(flags), strict: flags.strict === true })}`);
    });
  kernel
    .command("uninstall")
    .description("remove the kernelspec")
    .option("--prefix <dir>", "from an environment instead of the user's own folder")
    .option("--sys-prefix", "from the Python environment that is active")
    .action(async (flags: Flags) => {
      const { uninstallKernel } = await import("../kernel/install.js");
      say(`removed ${await uninstallKernel(location(flags))}`);
    });
}

function location({ prefix, sysPrefix }: Flags): { dataFolder?: string } {
  const folder = prefix ?? (sysPrefix === true ? activeEnvironment() : undefined);
  return folder === undefined ? {} : { dataFolder: join(folder, "share", "jupyter") };
}

/** @throws KalshiError `BAD_ARGUMENT` */
function activeEnvironment(): string {
  const folder = process.env.VIRTUAL_ENV || process.env.CONDA_PREFIX;
  if (folder) return folder;
  throw new KalshiError("BAD_ARGUMENT", "no Python environment is active", {
    hint: "activate one, or name its folder: --prefix .venv",
  });
}
