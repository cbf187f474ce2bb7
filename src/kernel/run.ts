import { createRequire } from "node:module";
import type { ConverterSet, Executor } from "tslab/dist/executor.js";
import { toBundle } from "./display.js";
import type { Heap } from "./heap.js";
import {
  type CellError,
  type CompiledCell,
  type FromUser,
  type InputAnswer,
  interruptedOutcome,
  type Outcome,
  type ToUser,
} from "./messages.js";
import { createModules } from "./modules.js";
import { emptyWhenRead, nativeBytes } from "./native-output.js";
import { captureOutput } from "./output.js";
import { cellError, installStackTraces, rememberMaps } from "./traceback.js";
import { takeThePlaceOf } from "./tslab-typescript.js";

/** The thread of the user's code: runs compiled cells, one at a time. */
export interface Runner {
  /** Never rejects; the end of the cell is emitted as `done`. */
  run(request: Extract<ToUser, { type: "run" }>): Promise<void>;
  /** Ends the running cell now; what it awaited goes on without it. */
  interrupt(): void;
  /** Imports what cells are about to import. Never rejects: what cannot be imported is told to the cell that does. */
  warm(specifiers: readonly string[]): Promise<void>;
  /** What was answered to a cell's question. */
  answer(id: number, answer: InputAnswer): void;
}

/**
 * Runs cells in this process, its working folder being the notebook's. Takes over the standard streams, sets
 * `Symbol.for("kalshi-lab.notebook")` on `globalThis`, and never loads the compiler.
 *
 * What matters for the protocol is not kept here: terminating a busy cell also empties the queue of microtasks, so a
 * promise chain begun here may never go on. The front thread counts on `interrupt` alone.
 */
export function createRunner(emit: (message: FromUser) => void, heap: Heap): Runner {
  installStackTraces();
  const output = captureOutput(
    (cellId, written) => emit({ type: "output", cellId, output: written, native: nativeBytes() }),
    (cellId, question) => emit({ type: "question", cellId, question }),
  );
  let current: number | null = null;
  let ended: { value: unknown } | { error: unknown } | null = null;
  let converted: ReturnType<ConverterSet["node"]["convert"]> | null = null;
  let interruption = newInterruption();

  const executor = tslabExecutor(() => converted!, {
    log: (value) => {
      ended = { value };
    },
    error: (error) => {
      ended = { error };
    },
  });
  const tslab = Reflect.get(globalThis, "__tslab__") as { require: (id: string) => unknown; import: unknown };
  const modules = createModules(process.cwd(), tslab.require);
  tslab.import = modules.import;
  refuseExit();
  reportStrayErrors();

  async function run({ cellId, label, cell, nativeRead }: Extract<ToUser, { type: "run" }>): Promise<void> {
    current = cellId;
    interruption = newInterruption();
    rememberMaps(label, cell.maps);
    // Behind an await from here on, so that terminating the cell unwinds nothing but the cell.
    await null;
    emit({ type: "began", cellId, used: heap.settle(), isNativeEmpty: emptyWhenRead(nativeRead) });
    const outcome = await output.within(cellId, () => execute(cellId, label, cell));
    if (current !== cellId) return;
    // In this order: a termination in between must not leave a cell of which nobody hears again. Told twice, it is heard once.
    emit({ type: "done", cellId, outcome });
    current = null;
    output.end(cellId);
  }

  async function execute(cellId: number, label: string, cell: CompiledCell): Promise<Outcome> {
    try {
      tslab.require = await Promise.race([modules.prepare(cell), interruption.promise]);
      ended = null;
      converted = {
        // tslab would miss `await (…)` and `for await`; with an await of our own, no cell is without one.
        output: `await 0;${cell.output}\n//# sourceURL=${label}\n`,
        hasToplevelAwait: true,
        declOutput: "",
        diagnostics: [],
        sideOutputs: [...cell.sideOutputs],
        ...(cell.lastExpression === null ? {} : { lastExpressionVar: cell.lastExpression }),
      };
      await executor.execute("");
      const end = ended as { value: unknown } | { error: unknown } | null;
      if (end !== null && "error" in end) return failed(cellError(end.error));
      const result = end === null ? null : await Promise.race([toBundle(end.value), interruption.promise]);
      await Promise.race([output.held(cellId), interruption.promise]);
      return { status: "ok", result };
    } catch (error) {
      return failed(cellError(error));
    }
  }

  function interrupt(): void {
    executor.interrupt();
    interruption.reject(new Error("Interrupted"));
    if (current === null) return;
    const cellId = current;
    emit({ type: "done", cellId, outcome: interruptedOutcome });
    current = null;
    output.abort(cellId);
  }

  function reportStrayErrors(): void {
    const report = (what: string) => (error: unknown) =>
      void process.stderr.write(`${what} ${cellError(error).traceback.join("\n")}\n`);
    process.on("uncaughtException", report("Uncaught"));
    process.on("unhandledRejection", report("Unhandled rejection:"));
  }

  async function warm(specifiers: readonly string[]): Promise<void> {
    await Promise.allSettled(specifiers.map((specifier) => modules.import(specifier)));
  }

  return { run, interrupt, warm, answer: output.answer };
}

function failed(error: CellError): Extract<Outcome, { status: "error" }> {
  return { status: "error", error };
}

function newInterruption(): { promise: Promise<never>; reject(error: Error): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  return { promise, reject };
}

/** A cell that ends the process would take the notebook's unsaved outputs with it. */
function refuseExit(): void {
  process.exit = (): never => {
    throw new Error("process.exit() in a cell would end the notebook; throw an error to stop, or shut the kernel down");
  };
}

interface Verdicts {
  log(value?: unknown): void;
  error(error?: unknown): void;
}

/** tslab's executor without its compiler: it asks TypeScript only for comments in the source, which is empty here. */
function tslabExecutor(convert: () => ReturnType<ConverterSet["node"]["convert"]>, verdicts: Verdicts): Executor {
  const require = createRequire(import.meta.url);
  const tslabRequire = createRequire(require.resolve("tslab/package.json"));
  takeThePlaceOf(tslabRequire.resolve("@tslab/typescript-for-tslab"), {
    ScriptTarget: {},
    LanguageVariant: {},
    SyntaxKind: { FirstTriviaToken: 2, LastTriviaToken: 7 },
    createScanner: () => ({ scan: () => 1, setText() {}, setLanguageVariant() {} }),
  });
  const { createExecutor } = tslabRequire("./dist/executor.js") as typeof import("tslab/dist/executor.js");
  const node = { convert, close() {} } as unknown as ConverterSet["node"];
  return createExecutor(process.cwd(), { node, browser: node, close() {} }, verdicts);
}
