import { inspect } from "node:util";
import { stockTslab } from "../store/stock-tslab.js";
import type { MimeBundle } from "./messages.js";
import { isTable, tableBundle } from "./table-html.js";

/** A value with a method of this name shows itself: it returns a MIME bundle, or a promise of one. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/**
 * What a notebook offers to libraries, found at `globalThis[Symbol.for("kalshi-lab.notebook")]`; absent outside of one.
 *
 * A library needs no import to use it. One line that updates, such as the progress of a download:
 *
 * ```ts
 * const notebook = globalThis[Symbol.for("kalshi-lab.notebook")];
 * notebook?.display({ "text/plain": "0 rows" }, { displayId: "download-1" });
 * notebook?.update("download-1", { "text/plain": "500 rows" });
 * ```
 *
 * Output belongs to the cell whose code makes the call, also when it comes after that cell has ended.
 */
export interface NotebookHook {
  /** Shows a bundle in the running cell; with a `displayId` it can be updated. */
  display(bundle: MimeBundle, options?: { displayId?: string }): void;
  /** Replaces what was displayed under this id, in whatever cell it stands. */
  update(displayId: string, bundle: MimeBundle): void;
  /** Removes the output of the cell so far, with `wait` only when the next output comes. */
  clear(options?: { wait?: boolean }): void;
  /** The cell does not end before this promise is settled. */
  hold(promise: Promise<unknown>): void;
  /** What is typed in answer to a question; `input(…)` in a cell. Fails where nobody can be asked. */
  input(prompt?: string, options?: { password?: boolean }): Promise<string>;
  /** Set off when the cell is interrupted whose code asks for it: what it began should end then. */
  readonly signal: AbortSignal;
}

export const notebookSymbol = Symbol.for("kalshi-lab.notebook");

/** The notebook this code runs in, or null in a script, a test or another kernel. */
export function notebook(): NotebookHook | null {
  return (Reflect.get(globalThis, notebookSymbol) as NotebookHook | undefined) ?? null;
}

/**
 * Shows a value in the middle of a cell, as the last expression of a cell would be shown.
 *
 * In this project's kernel and on stock tslab it is a rich output; elsewhere its text is printed. Await it where the
 * order of outputs matters.
 */
export async function show(value: unknown, options: { displayId?: string } = {}): Promise<void> {
  const here = notebook();
  const shown = toBundle(value).then((bundle) => bundle ?? { "text/plain": inspect(value) });
  here?.hold(shown);
  const bundle = await shown;
  if (here !== null) return here.display(bundle, options);
  const tslab = stockTslab();
  if (tslab !== null) return tslab(bundle);
  process.stdout.write(`${String(bundle["text/plain"] ?? Object.keys(bundle).join(", "))}\n`);
}

/**
 * The MIME bundle of a value; null for `undefined` and `null`, which print nothing.
 *
 * A value's own `Symbol.for("Jupyter.display")` comes first, then promises are awaited, then arquero tables become
 * HTML, then `util.inspect` without colours.
 */
export async function toBundle(value: unknown): Promise<MimeBundle | null> {
  if (value === undefined || value === null) return null;
  const display = property(value, displaySymbol);
  if (typeof display === "function") {
    const bundle: unknown = await display.call(value);
    if (typeof bundle === "object" && bundle !== null) return sendable(bundle as MimeBundle);
  }
  // Awaited through `then` by hand: an async function could not return what has both a `then` and a display.
  if (typeof property(value, "then") === "function") return toBundle(await (value as PromiseLike<unknown>));
  if (isTable(value)) return tableBundle(value);
  return { "text/plain": inspect(value, { colors: false, depth: 4, breakLength: 100 }) };
}

function property(value: unknown, name: string | symbol): unknown {
  return typeof value === "object" || typeof value === "function" ? Reflect.get(value as object, name) : undefined;
}

const { parse, stringify } = JSON;

/**
 * A bundle that can be sent: bytes as base64, as Jupyter wants them, text as it is, and of everything else what JSON says of it.
 *
 * @throws TypeError for what JSON cannot say, such as a bigint or a circle
 */
export function sendable(bundle: MimeBundle): MimeBundle {
  const entries = Object.entries(bundle).flatMap(([type, data]) => {
    if (typeof data === "string") return [[type, data]];
    if (data instanceof Uint8Array) return [[type, Buffer.from(data).toString("base64")]];
    const text = stringify(data);
    return text === undefined ? [] : [[type, parse(text) as unknown]];
  });
  return Object.fromEntries(entries) as MimeBundle;
}
