import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KalshiError, messageOf } from "../errors.js";
import { kernelArguments } from "./arguments.js";
import { kernelName, kernelTitle } from "./language.js";
import { makeSnapshot } from "./snapshot.js";

export interface KernelLocation {
  /** A Jupyter data folder, the one that holds `kernels`. Default: the user's own. */
  dataFolder?: string;
}

export interface KernelOptions extends KernelLocation {
  /** Cells are checked as strictly as TypeScript can. */
  strict?: boolean;
}

const logos = ["logo-svg.svg", "logo-64x64.png", "logo-32x32.png"];

/**
 * Makes the kernel known to Jupyter and returns the folder of its kernelspec. Needs no Python; a spec that is already
 * there is replaced.
 *
 * The spec names the Node that runs this and the place of this package, both absolute, so it works from anywhere;
 * install again when either moves.
 *
 * @throws KalshiError `KERNEL_SETUP`
 */
export async function installKernel({ strict = false, ...location }: KernelOptions = {}): Promise<string> {
  const folder = specFolder(location);
  const spec = {
    argv: [process.execPath, ...kernelArguments(), "{connection_file}"],
    display_name: kernelTitle,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: false },
    ...(strict ? { env: { KALSHI_LAB_STRICT: "1" } } : {}),
  };
  const assets = fileURLToPath(new URL("../../assets/kernel/", import.meta.url));
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(logos.map((logo) => copyFile(join(assets, logo), join(folder, logo))));
    await writeFile(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
    makeSnapshot();
  } catch (error) {
    throw new KalshiError("KERNEL_SETUP", `cannot write the kernelspec: ${messageOf(error)}`, {
      hint: "choose a folder you may write to: JUPYTER_DATA_DIR, or the option `dataFolder`",
      context: { folder },
      cause: error,
    });
  }
  return folder;
}

/** Removes the kernelspec, if it is there, and returns the folder it was in. */
export async function uninstallKernel(location: KernelLocation = {}): Promise<string> {
  const folder = specFolder(location);
  await rm(folder, { recursive: true, force: true });
  return folder;
}

function specFolder({ dataFolder }: KernelLocation): string {
  return join(dataFolder === undefined ? userDataFolder() : resolve(dataFolder), "kernels", kernelName);
}

/** Where Jupyter looks for a user's kernels. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(APPDATA || join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}
