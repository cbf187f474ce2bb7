import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Found } from "./step.js";

const TIMEOUT_MS = 5_000;

/**
 * How well a key's file is kept: one finding for each thing that lets others get at it, else one that says it is well. Asks git, where it is
 * installed, whether it has the file or would take it.
 */
export async function inspectKeyFile(path: string): Promise<readonly Found[]> {
  const warnings = [await openToOthers(path), await givenToGit(path)].filter((found) => found !== null);
  return warnings.length > 0 ? warnings : [{ found: "for its owner alone, and not in git" }];
}

async function openToOthers(path: string): Promise<Found | null> {
  // Windows has access lists instead, of which these bits say nothing.
  if (process.platform === "win32") return null;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) === 0) return null;
  return {
    found: `the key's file is open to its group or to everybody (mode ${mode.toString(8).padStart(3, "0")})`,
    hint: `chmod 600 '${path}'`,
  };
}

async function givenToGit(path: string): Promise<Found | null> {
  const file = await realpath(path);
  const tracked = await git(file, "ls-files", "--error-unmatch", "--", basename(file));
  if (tracked === 0) {
    return {
      found: "git tracks the key's file: whoever gets the repository gets the key",
      hint: `git rm --cached '${path}', name it in .gitignore, and make a new key: the history keeps this one`,
    };
  }
  // Anything but 1 means that there is no git, or no repository around the file.
  if (tracked !== 1 || (await git(file, "check-ignore", "-q", "--", basename(file))) !== 1) return null;
  return {
    found: "the key's file lies in a git work tree and is not ignored: the next `git add` may take it along",
    hint: `name it in .gitignore, or move it out of the repository: ${path}`,
  };
}

/** The exit code of a git command run in a file's folder; null when it could not be run. */
function git(file: string, ...args: readonly string[]): Promise<number | null> {
  // The repository around the file is meant, not one that a hook or a shell has set.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  const words = ["-C", dirname(file), "-c", "core.fsmonitor=false", ...args];
  return new Promise((resolve) => {
    const child = execFile("git", words, { env, timeout: TIMEOUT_MS, windowsHide: true }, (error) =>
      resolve(error === null ? 0 : child.exitCode),
    );
  });
}
