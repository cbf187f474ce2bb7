import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, resolve } from "node:path";
import { KalshiError } from "../errors.js";
import { kernelArguments } from "./arguments.js";
import { linesOf } from "./lines.js";
import type { CellError } from "./messages.js";
import { isExecuted, parseNotebook, writeNotebook } from "./nbformat.js";
import type { CellReport, JobMessage, NotebookJob } from "./notebook-thread.js";

export type { CellReport } from "./notebook-thread.js";

export interface NotebookRun {
  /** The notebook to execute. */
  file: string;
  /** Where the executed copy goes; folders are made. May be the notebook itself. */
  outFile: string;
  /** Values for a cell put after the one tagged `parameters`: anything JSON can hold. */
  parameters?: Readonly<Record<string, unknown>>;
  /** A cell that runs longer is interrupted and fails with `Timeout`. Default: no limit. */
  cellTimeoutMs?: number;
  /** Go on after a cell that fails. A cell tagged `raises-exception` may always fail. */
  allowErrors?: boolean;
  /** The working folder of the cells. Default: the folder of the notebook. */
  cwd?: string;
  /** Added to the environment of the cells. */
  env?: Readonly<Record<string, string>>;
  /** Called after each cell. */
  onCell?: (cell: CellReport) => void;
  /** Interrupts the running cell; the copy is written as far as it came. */
  signal?: AbortSignal;
}

export interface NotebookSummary {
  /** Code cells that ran, the injected parameters among them. */
  readonly cells: number;
  /** Every cell ran, and none failed that was not allowed to. */
  readonly ok: boolean;
  readonly interrupted: boolean;
  readonly durationMs: number;
  /** Outputs with a Vega-Lite chart or a PNG picture. */
  readonly charts: number;
  /** The first failure; `cell` is the execution count. */
  readonly error?: { cell: number } & CellError;
}

/** V8's last words. */
const noMemory = "JavaScript heap out of memory";

/** How long an interrupted notebook gets to write itself down before its process is killed. */
const patienceMs = 5_000;

/**
 * Executes a notebook without a Jupyter server, sockets or Python, and writes the executed copy.
 *
 * Each run is a process of its own which has ended when the promise resolves, so several can run side by side. The copy
 * is written after every cell: whatever ends the run, it holds what was done. A failing cell is an answer
 * (`ok: false`), not an exception.
 *
 * ```ts
 * const summary = await runNotebook({ file: "notebooks/01.ipynb", outFile: "out/01.ipynb", cellTimeoutMs: 60_000 });
 * ```
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `NOTEBOOK_INVALID`, `BAD_ARGUMENT`, `KERNEL_SETUP`
 */
export async function runNotebook(run: NotebookRun): Promise<NotebookSummary> {
  const job = await jobOf(run);
  const started = performance.now();
  const child = startProcess(run);
  const ended = new Promise<string>((done) => {
    child.on("error", (error) => done(error.message));
    child.on("exit", (code, signal) => done(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  // Handed on, and looked at when the process dies.
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    process.stderr.write(text);
    said = `${said}${text}`.slice(-8_192);
  });
  const control = child.stdio[3] as Socket;
  control.on("error", () => {}); // the process has ended, which `ended` tells
  control.write(`${JSON.stringify(job)}\n`);
  const release = onAbort(run.signal, child, control);

  const reports: CellReport[] = [];
  let end: Extract<JobMessage, { type: "end" }> | null = null;
  for await (const line of linesOf(control)) {
    const message = JSON.parse(line) as JobMessage;
    if (message.type === "end") end = message;
    else {
      reports.push(message.cell);
      run.onCell?.(message.cell);
    }
  }
  const how = await ended;
  release();
  const failure =
    failureOf(reports) ??
    (end === null
      ? await died(job.outFile, reports, said.includes(noMemory) ? `${noMemory}, ${how}` : how)
      : undefined);
  const interrupted = run.signal?.aborted === true || end?.interrupted === true;
  return {
    cells: reports.length,
    ok: failure === undefined && !interrupted,
    interrupted,
    durationMs: Math.round(performance.now() - started),
    charts: reports.reduce((sum, { charts }) => sum + charts, 0),
    ...(failure === undefined ? {} : { error: failure }),
  };
}

async function jobOf(run: NotebookRun): Promise<NotebookJob> {
  const file = resolve(run.file);
  const parameters = run.parameters ?? {};
  for (const name of Object.keys(parameters)) {
    if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) continue;
    throw new KalshiError("BAD_ARGUMENT", `a parameter cannot be called ${JSON.stringify(name)}`, {
      hint: "use a name that can be a variable: letters, digits and _",
      context: { name },
    });
  }
  if (!existsSync(file)) {
    throw new KalshiError("FILE_NOT_FOUND", `there is no notebook ${run.file}`, {
      hint: "check the path; notebooks end in .ipynb",
      context: { file },
    });
  }
  return {
    notebook: parseNotebook(await readFile(file, "utf8"), run.file),
    outFile: resolve(run.outFile),
    parameters,
    cellTimeoutMs: run.cellTimeoutMs ?? null,
    allowErrors: run.allowErrors ?? false,
  };
}

function startProcess({ file, cwd, env }: NotebookRun): ChildProcess {
  const { FORCE_COLOR: _colour, ...inherited } = process.env;
  const folder = cwd === undefined ? dirname(resolve(file)) : resolve(cwd);
  return spawn(process.execPath, [...kernelArguments(), "--notebook", JSON.stringify({ fd: 3 })], {
    cwd: folder,
    env: { ...inherited, ...env },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C in the terminal goes to us, and we tell the notebook when it is time.
    detached: process.platform !== "win32",
  });
}

function onAbort(signal: AbortSignal | undefined, child: ChildProcess, control: Socket): () => void {
  let timer: NodeJS.Timeout | undefined;
  const abort = () => {
    control.write("abort\n");
    timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
}

/** Only the last report can be of a failure that was not allowed: it ends the run. */
function failureOf(reports: readonly CellReport[]): NotebookSummary["error"] {
  const last = reports.at(-1);
  return last?.error === undefined || last.allowed ? undefined : { cell: last.executionCount, ...last.error };
}

/** The process ended without a word: a signal, no memory. The copy gets the error at the cell that was running. */
async function died(outFile: string, reports: readonly CellReport[], how: string): Promise<NotebookSummary["error"]> {
  const evalue = `the notebook's process ended (${how})`;
  const error = { ename: "KernelDied", evalue, traceback: [`KernelDied: ${evalue}`] };
  if (existsSync(outFile)) {
    const notebook = parseNotebook(await readFile(outFile, "utf8"), outFile);
    const cell = notebook.cells.slice((reports.at(-1)?.index ?? -1) + 1).find(isExecuted);
    cell?.outputs?.push({ output_type: "error", ...error });
    writeNotebook(notebook, outFile);
  }
  return { cell: reports.length + 1, ...error };
}
