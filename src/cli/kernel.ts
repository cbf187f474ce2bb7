import { join } from "node:path";
import type { Command } from "commander";
import { say } from "./output.js";

interface Flags {
  readonly prefix?: string;
}

/** `kalshi-lab kernel install`, `kernel uninstall`: the kernelspec of Jupyter; needs no Python. */
export function registerKernel(program: Command): void {
  const kernel = program.command("kernel").description("make the TypeScript kernel known to Jupyter, or remove it");
  kernel
    .command("install")
    .description("write the kernelspec; needs no Python")
    .option("--prefix <dir>", "into an environment, such as a .venv, instead of the user's own folder")
    .action(async (flags: Flags) => {
      const { installKernel } = await import("../kernel/install.js");
      say(`installed ${await installKernel(location(flags))}`);
    });
  kernel
    .command("uninstall")
    .description("remove the kernelspec")
    .option("--prefix <dir>", "from an environment instead of the user's own folder")
    .action(async (flags: Flags) => {
      const { uninstallKernel } = await import("../kernel/install.js");
      say(`removed ${await uninstallKernel(location(flags))}`);
    });
}

function location({ prefix }: Flags): { dataFolder?: string } {
  return prefix === undefined ? {} : { dataFolder: join(prefix, "share", "jupyter") };
}
