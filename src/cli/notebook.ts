import { basename, extname, join } from "node:path";
import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import type { CellReport } from "../kernel/notebook.js";
import { writeFileAtomic } from "../store/atomic-file.js";
import { htmlPage } from "./html-page.js";
import { say } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags {
  readonly parameter: Readonly<Record<string, unknown>>;
  readonly out: string;
  readonly timeout?: number;
  readonly allowErrors?: boolean;
  readonly html?: boolean;
  readonly strict?: boolean;
}

/** `kalshi-lab notebook run FILE…`: executes notebooks without Jupyter. */
export function registerNotebook(program: Command): void {
  program
    .command("notebook")
    .description("execute notebooks without a Jupyter server")
    .command("run <file...>")
    .description("execute notebooks and write the executed copies; exit 1 with cell and error when one fails")
    .option(
      "-p, --parameter <name=value>",
      "value for the cell tagged `parameters`; also as two words: -p name value",
      collect,
      {},
    )
    .option("--out <dir>", "folder of the executed copies", "out/notebooks")
    .option("--timeout <seconds>", "longest time of a cell", seconds)
    .option("--html", "also write each copy as a page that stands alone, beside it")
    .option("--allow-errors", "go on after a failing cell")
    .option("--strict", "check types as strictly as TypeScript can")
    .action(async (files: string[], flags: Flags) => {
      const { runNotebook } = await import("../kernel/notebook.js");
      const signal = stopSignal();
      for (const file of files) {
        const outFile = join(flags.out, basename(file));
        const summary = await runNotebook({
          file,
          outFile,
          parameters: flags.parameter,
          ...(flags.timeout === undefined ? {} : { cellTimeoutMs: flags.timeout * 1000 }),
          allowErrors: flags.allowErrors === true,
          ...(flags.strict === true ? { env: { KALSHI_LAB_STRICT: "1" } } : {}),
          signal,
          onCell: (cell) => say(`${basename(file)} ${cellLine(cell)}`),
        });
        if (summary.interrupted)
          throw new KalshiError("INTERRUPTED", `${file} was interrupted`, {
            hint: "the executed copy holds what was done",
          });
        // A failing notebook has its page too: it shows how far it came, and the error.
        if (flags.html === true) await writeHtml(outFile);
        if (!summary.ok) {
          const where = summary.error;
          throw new KalshiError("NOTEBOOK_FAILED", `${file}: cell ${where?.cell}: ${where?.ename}: ${where?.evalue}`, {
            hint: `open ${outFile}: the cell shows its traceback`,
            context: { file, cell: where?.cell },
          });
        }
        say(`${file}: ${summary.cells} cells, ${summary.charts} charts, ${(summary.durationMs / 1000).toFixed(1)} s`);
      }
    });
}

/** `01-first-look.html` beside `01-first-look.ipynb`. */
async function writeHtml(file: string): Promise<void> {
  const { renderNotebook } = await import("./notebook-html.js");
  const { title, html } = await renderNotebook(file);
  const path = `${file.slice(0, file.length - extname(file).length)}.html`;
  await writeFileAtomic(path, await htmlPage({ title, main: `<section>${html}</section>` }));
}

/** `[3] 0.4 s · 1 chart`, `[4] 0.1 s · RangeError: no`. */
function cellLine({ executionCount, durationMs, charts, error }: CellReport): string {
  return [
    `[${executionCount}] ${(durationMs / 1000).toFixed(1)} s`,
    ...(charts === 0 ? [] : [`${charts} chart${charts === 1 ? "" : "s"}`]),
    ...(error === undefined ? [] : [`${error.ename}: ${error.evalue.split("\n", 1)[0]}`]),
  ].join(" · ");
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new KalshiError("BAD_ARGUMENT", `not a time limit: ${JSON.stringify(text)}`, {
    hint: "give seconds, such as 60",
    context: { text },
  });
}

/** `-p name=value`; values that are JSON are read as such. */
function collect(text: string, before: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const split = text.indexOf("=");
  if (split <= 0) {
    throw new KalshiError("BAD_ARGUMENT", `a parameter without a value: ${JSON.stringify(text)}`, {
      hint: "write -p name=value",
      context: { text },
    });
  }
  return { ...before, [text.slice(0, split)]: jsonOr(text.slice(split + 1)) };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
