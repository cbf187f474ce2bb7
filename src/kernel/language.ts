import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** What Jupyter is told about the language of the cells. */
export const language = {
  name: "typescript",
  version: (require("typescript/package.json") as { version: string }).version,
  mimetype: "text/typescript",
  file_extension: ".ts",
  codemirror_mode: "typescript",
  pygments_lexer: "typescript",
  nbconvert_exporter: "script",
} as const;

export const kernelName = "kalshi-lab";
export const kernelTitle = "TypeScript (Kalshi Lab)";
export const packageVersion = (require("../../package.json") as { version: string }).version;
