import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { KalshiError } from "../errors.js";
import type { CellError } from "./messages.js";

/** tslab compiles a cell with this many lines before it. */
const linesBefore = 1;
const packageRoot = dirname(dirname(import.meta.dirname));
const ownFolder = import.meta.dirname + sep;

/** Source maps by label of the cell: text until an error asks for them. */
const maps = new Map<string, readonly string[]>();

/** Remembers how to read positions in what runs under this label. */
export function rememberMaps(label: string, sourceMaps: readonly string[]): void {
  maps.set(label, sourceMaps);
}

/**
 * Makes every stack of this process read as the user wrote the code: `Cell[3]:2:7`, without frames of the kernel and
 * of Node. It holds for stacks that a cell prints too, not only for those that end one.
 */
export function installStackTraces(): void {
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.flatMap(cleanFrame);
    return [headline(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };
}

/** A caught value as Jupyter reports it; causes follow, each with its own stack. */
export function cellError(error: unknown): CellError {
  if (!(error instanceof Error)) {
    const text = inspect(error, { colors: false });
    return { ename: "Thrown", evalue: text, traceback: [`Thrown: ${text}`] };
  }
  const traceback = stackOf(error).split("\n");
  if (error instanceof KalshiError) traceback.splice(headline(error).split("\n").length, 0, `  → ${error.hint}`);
  for (let cause = error.cause, depth = 0; cause !== undefined && cause !== null && depth < 5; depth += 1) {
    const inner = cause instanceof Error ? stackOf(cause) : inspect(cause, { colors: false });
    traceback.push(...`Caused by ${inner}`.split("\n"));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  const evalue = error instanceof KalshiError ? `${error.code}: ${error.message}` : error.message;
  return { ename: error.name || "Error", evalue, traceback };
}

function stackOf(error: Error): string {
  return typeof error.stack === "string" && error.stack !== "" ? error.stack : headline(error);
}

function headline(error: Error): string {
  if (error instanceof KalshiError) return `${error.name} ${error.code}: ${error.message}`;
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** One frame as text, mapped to the user's source; nothing when it is not the user's business. */
function cleanFrame(site: NodeJS.CallSite): string[] {
  const text = String(site);
  const place = site.getScriptNameOrSourceURL() ?? "";
  if (place === "" || place.startsWith("node:")) return [];
  const [line, column] = [site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1];
  if (maps.has(place)) {
    const at = original(place, line, column);
    // Cells reach what earlier ones declared through a proxy, which V8 names as if it were a class.
    const named = text.replace(/^(async )?Proxy\./, "$1");
    return [named.replace(`${place}:${line}:${column}`, `${place}:${at.line}:${at.column}`)];
  }
  const path = place.startsWith("file://") ? fileURLToPath(place) : place;
  const internal = path.startsWith(ownFolder) || /[\\/]tslab[\\/]dist[\\/]/.test(path);
  return internal ? [] : [text.replace(place, shortPath(path))];
}

function original(label: string, line: number, column: number): { line: number; column: number } {
  let at = { line: line - 1, column: column - 1 };
  for (const text of maps.get(label) ?? []) {
    const entry: Partial<{ originalLine: number; originalColumn: number }> = new SourceMap(
      JSON.parse(text) as SourceMapPayload,
    ).findEntry(at.line, at.column);
    if (entry.originalLine === undefined || entry.originalColumn === undefined) return { line, column };
    at = { line: entry.originalLine, column: entry.originalColumn };
  }
  return { line: at.line - linesBefore + 1, column: at.column + 1 };
}

/** From the package's name on, or relative to the notebook: a saved notebook should not carry where someone's home is. */
function shortPath(path: string): string {
  const inModules = path.lastIndexOf(`node_modules${sep}`);
  if (inModules >= 0) return path.slice(inModules + "node_modules/".length);
  const inPackage = relative(packageRoot, path);
  if (!inPackage.startsWith("..")) return `kalshi-lab/${inPackage}`;
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}
