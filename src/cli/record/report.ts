import { createLogUpdate } from "log-update";
import type { KalshiError } from "../../errors.js";
import type { RecorderStatus } from "../../recorder/record.js";
import { isQuietNow, printJson, warn } from "../output.js";
import { statusScreen } from "./screen.js";
import { statusLine } from "./status-line.js";

/** Tells how a recorder is while it runs. */
export interface Report {
  /** Called as often as the status is to be told. */
  show(status: RecorderStatus): void;
  /** Called at every change: what goes wrong is told at once. */
  hear(status: RecorderStatus): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** JSON lines on stdout when asked for; else a screen on a terminal that renews itself; else problems alone, on stderr. */
export function reportOn(dir: string, json: boolean, stream: NodeJS.WriteStream = process.stderr): Report {
  if (json) return { ...problems(warn), show: (status) => printJson(statusLine(status)) };
  return stream.isTTY && !isQuietNow() ? screen(dir, stream) : problems(warn);
}

function screen(dir: string, stream: NodeJS.WriteStream): Report {
  const update = createLogUpdate(stream);
  let shown = "";
  // A terminal made narrower breaks the lines that are there, and they stand on more rows than were written.
  const resize = (): void => {
    const rows = shown.split("\n").map((line) => Math.ceil(line.length / (stream.columns || 80)) - 1);
    const more = rows.reduce((sum, one) => sum + Math.max(0, one), 0);
    update.clear();
    if (more > 0) stream.write(`\x1b[${more}A\x1b[J`);
    shown = "";
  };
  stream.on("resize", resize);
  const told = problems((text) => {
    update.clear();
    warn(text);
  });
  return {
    hear: told.hear,
    show(status) {
      shown = statusScreen(status, { dir, columns: stream.columns ?? 80 });
      update(shown);
    },
    end() {
      stream.off("resize", resize);
      update.clear();
      update.done();
    },
  };
}

/** A problem is told once, and so is its end. */
function problems(tell: (text: string) => void): Report {
  let before: KalshiError | null = null;
  return {
    show: () => undefined,
    hear({ problem }) {
      if (before?.code !== problem?.code) tell(problem === null ? "all is well again" : problem.toString());
      before = problem;
    },
    end: () => undefined,
  };
}
