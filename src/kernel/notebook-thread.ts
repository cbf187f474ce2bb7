import { Socket } from "node:net";
import { language } from "./language.js";
import { linesOf } from "./lines.js";
import type { CellError, Outcome } from "./messages.js";
import {
  isExecuted,
  isObject,
  type Notebook,
  type NotebookCell,
  type NotebookOutput,
  newCellId,
  sourceText,
  tagsOf,
  writeNotebook,
} from "./nbformat.js";
import { OutputArea } from "./output-area.js";
import type { Session } from "./session.js";

/** What `runNotebook` asks of the process it starts. */
export interface NotebookJob {
  readonly notebook: Notebook;
  readonly outFile: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cellTimeoutMs: number | null;
  readonly allowErrors: boolean;
}

export interface CellReport {
  /** Position among all cells of the written notebook, from 0. */
  readonly index: number;
  readonly executionCount: number;
  readonly ok: boolean;
  /** It failed, and the notebook goes on all the same. */
  readonly allowed: boolean;
  readonly durationMs: number;
  readonly charts: number;
  readonly error?: CellError;
}

/** One line each on the way back. */
export type JobMessage = { type: "cell"; cell: CellReport } | { type: "end"; interrupted: boolean };

/** How long output may still come after the last cell. */
const lateOutputMs = 250;

/** Executes the cells in order and writes the notebook after each, so that whatever ends us leaves what was done. */
export async function executeNotebook(session: Session, start: { fd: number }): Promise<void> {
  const control = new Socket({ fd: start.fd, readable: true, writable: true });
  const commands = linesOf(control);
  const job = JSON.parse(String((await commands.next()).value)) as NotebookJob;
  const tell = (message: JobMessage) => control.write(`${JSON.stringify(message)}\n`);
  let aborted = false;
  const abort = async () => {
    aborted = true;
    await session.interrupt();
  };
  // Any further line, and the end of the one who started us, mean the same.
  void commands.next().then(abort, abort);
  control.on("error", () => void abort());

  const { notebook, parameters, outFile } = job;
  if (notebook.cells.some((cell) => isExecuted(cell) && sourceText(cell.source).includes("kalshi-lab")))
    session.warmUp();
  injectParameters(notebook, parameters);
  prepare(notebook);
  writeNotebook(notebook, outFile);
  const displays = new Map<string, NotebookOutput[]>();
  const started = Date.now();
  let executionCount = 0;
  for (const [index, cell] of notebook.cells.entries()) {
    if (!isExecuted(cell)) continue;
    if (aborted) break;
    executionCount += 1;
    const report = await executeCell(session, cell, executionCount, displays, job.cellTimeoutMs);
    const allowed = !report.ok && (job.allowErrors || tagsOf(cell).includes("raises-exception"));
    writeNotebook(notebook, outFile);
    tell({ type: "cell", cell: { index, ...report, allowed } });
    if (!report.ok && !allowed) break;
  }
  const answered = await session.finish(aborted ? 0 : lateOutputMs);
  const ended = Date.now();
  notebook.metadata.kalshi_lab = {
    start_time: new Date(started).toISOString(),
    end_time: new Date(ended).toISOString(),
    duration_ms: ended - started,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  };
  writeNotebook(notebook, outFile);
  tell({ type: "end", interrupted: aborted });
  await new Promise((resolve) => control.end(() => resolve(null)));
  control.destroy();
  if (!answered) process.kill(process.pid, "SIGKILL");
}

async function executeCell(
  session: Session,
  cell: NotebookCell,
  executionCount: number,
  displays: Map<string, NotebookOutput[]>,
  timeoutMs: number | null,
): Promise<Omit<CellReport, "index" | "allowed">> {
  const area = new OutputArea(displays);
  cell.outputs = area.outputs;
  cell.execution_count = executionCount;
  const started = Date.now();
  const outcome = await executeWithin(session, cell, `Cell[${executionCount}]`, area, timeoutMs);
  const ended = Date.now();
  if (outcome.status === "error") area.error(outcome.error);
  else if (outcome.result !== null) area.result(outcome.result, executionCount);
  cell.metadata.execution = {
    "iopub.execute_input": new Date(started).toISOString(),
    "shell.execute_reply": new Date(ended).toISOString(),
  };
  return {
    executionCount,
    ok: outcome.status === "ok",
    durationMs: ended - started,
    charts: area.outputs.filter(isChart).length,
    ...(outcome.status === "error" ? { error: outcome.error } : {}),
  };
}

/** The time counts from when the cell begins to run, so that loading the compiler never fails a notebook. */
async function executeWithin(
  session: Session,
  cell: NotebookCell,
  label: string,
  area: OutputArea,
  timeoutMs: number | null,
): Promise<Outcome> {
  const { promise: stuck, resolve: giveUp } = Promise.withResolvers<null>();
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    if (timeoutMs === null) return;
    timer = setTimeout(async () => {
      late = true;
      if (!(await session.interrupt())) giveUp(null);
    }, timeoutMs);
  };
  const running = session.execute(sourceText(cell.source), label, (output) => area.add(output), { onRun: begin });
  const outcome = await Promise.race([running, stuck]);
  clearTimeout(timer);
  if (outcome !== null && (!late || outcome.status === "ok")) return outcome;
  const evalue = `the cell ran longer than ${timeoutMs} ms${outcome === null ? " and could not be interrupted" : ""}`;
  return { status: "error", interrupted: true, error: { ename: "Timeout", evalue, traceback: [`Timeout: ${evalue}`] } };
}

function isChart(output: NotebookOutput): boolean {
  if (output.output_type !== "display_data" && output.output_type !== "execute_result") return false;
  return "application/vnd.vegalite.v5+json" in output.data || "image/png" in output.data;
}

/** Clears old outputs and says which kernel ran it. */
function prepare(notebook: Notebook): void {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
  const { name, version, mimetype, file_extension } = language;
  const { kernelspec } = notebook.metadata;
  notebook.metadata.kernelspec = isObject(kernelspec)
    ? kernelspec
    : { name: "kalshi-lab", display_name: "TypeScript (Kalshi Lab)", language: "typescript" };
  notebook.metadata.language_info = { name, version, mimetype, file_extension };
}

const injectedTag = "injected-parameters";

/** Puts a cell with the values after the one tagged `parameters` (else first), in place of an earlier injected one. */
function injectParameters(notebook: Notebook, parameters: NotebookJob["parameters"]): void {
  if (Object.keys(parameters).length === 0) return;
  notebook.cells = notebook.cells.filter((cell) => !tagsOf(cell).includes(injectedTag));
  const at = notebook.cells.findIndex((cell) => tagsOf(cell).includes("parameters"));
  const declared = at < 0 ? "" : sourceText(notebook.cells[at]!.source);
  const lines = Object.entries(parameters).map(([name, value]) => {
    // As the cell has it: the type of a constant text is that text, which later cells may count on.
    const isConstant = new RegExp(`\\bconst\\s+${name.replaceAll("$", "\\$")}(?![\\w$])`).test(declared);
    return `${isConstant ? "const" : "let"} ${name} = ${literal(value)};`;
  });
  const metadata = { tags: [injectedTag] };
  const source = ["// Parameters", ...lines].join("\n");
  notebook.cells.splice(at + 1, 0, {
    id: newCellId(),
    cell_type: "code",
    metadata,
    source,
    outputs: [],
    execution_count: null,
  });
}

function literal(value: unknown): string {
  return value === undefined ? "undefined" : JSON.stringify(value);
}
