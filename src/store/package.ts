import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A path inside this package, from its root; the same from the sources and from the compiled files. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The version of this library, as written into the files it makes. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { version: string };
  return version;
}
