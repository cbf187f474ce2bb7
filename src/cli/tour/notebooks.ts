import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { KalshiError } from "../../errors.js";
import { runNotebook } from "../../kernel/notebook.js";
import { packagePath } from "../../store/package.js";
import type { Board } from "./board.js";

export interface NotebookReport {
  readonly name: string;
  readonly file: string;
  readonly charts: number;
  readonly seconds: number;
}

/** Two at a time: each brings its compiler along. */
const SIDE_BY_SIDE = 2;
const CELL_TIMEOUT_MS = 120_000;

export interface NotebookSetting {
  readonly outDir: string;
  /** Connection of the notebooks, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Values for the cell tagged `parameters`, by notebook. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly signal: AbortSignal;
}

/**
 * Runs all notebooks of the project, two at a time, and writes the executed copies.
 *
 * @throws KalshiError `NOTEBOOK_FAILED` naming notebook, cell and error; `INTERRUPTED`
 */
export async function runNotebooks(setting: NotebookSetting, board: Board): Promise<readonly NotebookReport[]> {
  const dir = packagePath("notebooks");
  const names = readdirSync(dir)
    .filter((name) => name.endsWith(".ipynb"))
    .sort();
  const reports: NotebookReport[] = [];
  const running = new Map<string, number>();
  const tell = (): void => {
    const now = [...running].map(([name, cell]) => `${basename(name, ".ipynb")} in cell ${cell}`);
    board.tell("notebooks", [`${reports.length} of ${names.length} done`, ...now].join(" · "));
  };
  const waiting = [...names];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      reports.push(
        await runOne(name, dir, setting, (cell) => {
          running.set(name!, cell);
          tell();
        }),
      );
      running.delete(name);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  reports.sort((a, b) => (a.name < b.name ? -1 : 1));
  board.end(
    "notebooks",
    [
      `${reports.length} done`,
      ...reports.map(
        ({ name, charts, seconds }) => `${basename(name, ".ipynb")} ${charts} charts ${seconds.toFixed(0)} s`,
      ),
    ].join(" · "),
  );
  return reports;
}

async function runOne(
  name: string,
  dir: string,
  setting: NotebookSetting,
  onCell: (cell: number) => void,
): Promise<NotebookReport> {
  const outFile = join(setting.outDir, name);
  onCell(1);
  let cells = 1;
  const summary = await runNotebook({
    file: join(dir, name),
    outFile,
    parameters: setting.parameters[basename(name, ".ipynb")] ?? {},
    cellTimeoutMs: CELL_TIMEOUT_MS,
    cwd: setting.outDir,
    env: setting.env,
    signal: setting.signal,
    onCell: () => {
      cells += 1;
      onCell(cells);
    },
  });
  if (summary.interrupted)
    throw new KalshiError("INTERRUPTED", `${name} was interrupted`, { hint: `${outFile} holds what was done` });
  if (summary.ok) return { name, file: outFile, charts: summary.charts, seconds: summary.durationMs / 1000 };
  throw new KalshiError(
    "NOTEBOOK_FAILED",
    `${name}, cell ${summary.error?.cell}: ${summary.error?.ename}: ${summary.error?.evalue}`,
    {
      hint: `open ${outFile}: the cell shows its traceback`,
      context: { name, cell: summary.error?.cell },
    },
  );
}
