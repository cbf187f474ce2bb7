import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../errors.js";

/**
 * Removes the temporary files beside `path`, and those of its manifest, that a process killed in the middle of writing it left behind. Those of living
 * processes stay.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const begin = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(begin)
      ? /^(?:manifest\.json\.)?(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(begin.length))?.[1]
      : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM.
    return systemCode(error) !== "ESRCH";
  }
}
