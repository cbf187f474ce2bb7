import type { Progress } from "../history/tally.js";

/** Shows how a download goes; `done` leaves the last line standing. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  done(): void;
}

/** The hook that the kernel offers to whatever runs in a cell: outputs that renew themselves. Known by its symbol alone. */
interface NotebookHook {
  display(bundle: Readonly<Record<string, unknown>>, options?: { displayId?: string }): void;
  update(displayId: string, bundle: Readonly<Record<string, unknown>>): void;
}

let isSilent = false;

/** From now on no progress is shown in a terminal. */
export function silenceProgress(): void {
  isSilent = true;
}

const EVERY_MS = 200;
/** What is done sooner needs no line. */
const QUIET_MS = 500;
let displays = 0;

/** Where progress goes: the cell of a notebook, else the terminal's one line, else nowhere. */
export async function progressDisplay(stream: NodeJS.WriteStream = process.stderr): Promise<ProgressDisplay> {
  const notebook = (globalThis as unknown as Readonly<Record<symbol, NotebookHook | undefined>>)[
    Symbol.for("kalshi-lab.notebook")
  ];
  if (notebook !== undefined) return inNotebook(notebook);
  if (isSilent || !stream.isTTY) return { show: () => undefined, done: () => undefined };
  const { createLogUpdate } = await import("log-update");
  const line = createLogUpdate(stream);
  return throttled(
    (progress) => line(progressLine(progress)),
    () => line.done(),
  );
}

/** `trades: 12,000 rows · historical · 850 rows/s · 1,100 tokens free · 12 pages · part 3 of 9`, what matters most first. No percentage: nobody knows the total. */
export function progressLine(progress: Progress): string {
  const number = (value: number): string => Math.round(value).toLocaleString("en-US");
  return [
    `${progress.noun}: ${number(progress.rows)} rows`,
    progress.tier,
    `${number(progress.rowsPerSecond)} rows/s`,
    `${number(progress.tokens)} tokens free`,
    `${number(progress.pages)} pages`,
    `part ${number(progress.legsDone)} of ${number(progress.legs)}`,
    ...(progress.limited > 0 ? [`${number(progress.limited)} answers 429`] : []),
    ...(progress.failed > 0 ? [`${number(progress.failed)} tries failed`] : []),
  ].join(" · ");
}

function inNotebook(notebook: NotebookHook): ProgressDisplay {
  displays += 1;
  const displayId = `kalshi-lab-progress-${process.pid}-${displays}`;
  let shown = false;
  return throttled(
    (progress) => {
      const bundle = { "text/plain": progressLine(progress) };
      if (shown) notebook.update(displayId, bundle);
      else notebook.display(bundle, { displayId });
      shown = true;
    },
    () => undefined,
  );
}

/** Draws at most a few times a second, and the last state when anything was drawn. */
function throttled(draw: (progress: Progress) => void, end: () => void): ProgressDisplay {
  let last: Progress | null = null;
  let drawn = false;
  let drawnAt = performance.now() + QUIET_MS - EVERY_MS;
  return {
    show(progress) {
      last = progress;
      if (performance.now() - drawnAt < EVERY_MS) return;
      drawnAt = performance.now();
      draw(progress);
      drawn = true;
      last = null;
    },
    done() {
      if (last !== null && drawn) draw(last);
      end();
    },
  };
}
