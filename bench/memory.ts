import { readdirSync, readFileSync } from "node:fs";

/** Megabytes that a process and those it started have in memory. Linux tells; elsewhere there is no figure. */
export function memoryOf(pid: number): number | null {
  try {
    return processes(pid).reduce((sum, one) => sum + residentOf(one), 0);
  } catch {
    return null;
  }
}

function processes(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => processes(Number(child)))];
}

function residentOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}
