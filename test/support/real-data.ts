import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../../shared/real/kxhighny/", import.meta.url);

/** Real records of a series, which are not part of the project. */
export const folder: string = fileURLToPath(FOLDER);

/** Why they cannot be read here; null when they can. Where everything must run, that is an error. */
export const whyNot: string | null = existsSync(FOLDER) ? null : "../shared/real/kxhighny is not here";
if (whyNot !== null && process.env.CI === "true") throw new Error(whyNot);
