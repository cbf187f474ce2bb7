import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { packagePath } from "../../src/store/package.js";

/** The Python of the project's `.venv`, or the one that KALSHI_LAB_PYTHON names. */
export const python: string = process.env.KALSHI_LAB_PYTHON ?? packagePath(".venv/bin/python");

/** Why Python with these modules cannot be used here; null when it can. Where everything must run, that is an error. */
export function whyNoPython(...modules: readonly string[]): string | null {
  const whyNot = findReason(modules);
  if (whyNot !== null && process.env.CI === "true") throw new Error(whyNot);
  return whyNot;
}

function findReason(modules: readonly string[]): string | null {
  const cure = `\`node scripts/python.mjs ${modules.join(" ")}\` makes it`;
  if (!existsSync(python)) return `there is no ${python}; ${cure}`;
  const { status } = spawnSync(python, ["-c", `import ${modules.join(", ")}`]);
  return status === 0 ? null : `${python} lacks one of ${modules.join(", ")}; ${cure}`;
}
