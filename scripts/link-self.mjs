// Makes `node_modules/kalshi-lab` stand for this project itself, so that cells run by a stock kernel can import the
// package by its name. Where the package is installed as a dependency there is nothing to do: it is already found.
import { existsSync, lstatSync, readFileSync, realpathSync, symlinkSync, unlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const link = join(modules, name);
const isDependency = root.includes(`${sep}node_modules${sep}`);

if (!isDependency && existsSync(modules) && !leadsHere()) {
  try {
    if (isLink()) unlinkSync(link);
    // A junction needs no special right on Windows, and has to be absolute.
    if (process.platform === "win32") symlinkSync(root, link, "junction");
    else symlinkSync("..", link, "dir");
  } catch (error) {
    console.error(`kalshi-lab: could not link ${link} (${error.message}); notebooks on stock tslab will not find it`);
  }
}

function leadsHere() {
  try {
    return realpathSync(link) === realpathSync(root);
  } catch {
    return false;
  }
}

function isLink() {
  try {
    return lstatSync(link).isSymbolicLink();
  } catch {
    return false;
  }
}
