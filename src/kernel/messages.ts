/** One value in several forms, by MIME type: text as text, JSON types as objects, images as base64. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** A cell as the compiler leaves it: plain CommonJS, and what is needed to run it and to explain its errors. */
export interface CompiledCell {
  readonly output: string;
  /** The name under which the output exports the value of the last expression. */
  readonly lastExpression: string | null;
  /** Local TypeScript files which the cell imports, transpiled. */
  readonly sideOutputs: readonly { path: string; data: string }[];
  /** Specifiers of all static imports. */
  readonly imports: readonly string[];
  /** Source maps from the output back to the cell, last step first. */
  readonly maps: readonly string[];
}

/** Why a cell failed, in the words of Jupyter's `error` message. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export type Compilation =
  | { status: "ok"; cell: CompiledCell; declarations: string }
  | { status: "error"; error: CellError };

/** How a cell ended: with the value of its last expression (null when there is none to show) or an error. */
export type Outcome =
  | { status: "ok"; result: MimeBundle | null }
  | { status: "error"; error: CellError; interrupted?: boolean };

export const interruptedOutcome: Outcome = {
  status: "error",
  interrupted: true,
  error: {
    ename: "Interrupted",
    evalue: "the cell was interrupted",
    traceback: ["Interrupted: the cell was interrupted"],
  },
};

/** What a cell writes while it runs, and after it. */
export type Output =
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | { type: "display"; data: MimeBundle; displayId: string | null }
  | { type: "update"; data: MimeBundle; displayId: string }
  | { type: "clear"; wait: boolean };

/** A question to whoever sits before the notebook, and what became of it. */
export interface Question {
  readonly id: number;
  readonly prompt: string;
  /** What is typed is not shown. */
  readonly password: boolean;
}

export type InputAnswer = { readonly value: string } | { readonly refused: string };

/** From the front thread to the thread of the user's code. */
export type ToUser =
  /** `nativeRead`: how many bytes of native output have been read. */
  | { type: "run"; cellId: number; label: string; cell: CompiledCell; nativeRead: number }
  | { type: "interrupt"; attempt: number }
  /** Import these, as cells are about to: `warm` is the answer, also where it fails. */
  | { type: "warm"; specifiers: readonly string[] }
  | { type: "answer"; id: number; answer: InputAnswer }
  | { type: "finish"; graceMs: number };

/** From the thread of the user's code to the front thread. */
export type FromUser =
  /** `native`: how many bytes of native output came before it. */
  | { type: "output"; cellId: number; output: Output; native: number }
  /** Its code begins now: with how many bytes of heap in use, and whether native output is counted from 0 again. */
  | { type: "began"; cellId: number; used: number; isNativeEmpty: boolean }
  | { type: "question"; cellId: number; question: Question }
  | { type: "done"; cellId: number; outcome: Outcome }
  | { type: "interrupted"; attempt: number }
  | { type: "warm" }
  | { type: "sigint" }
  /** How many bytes the heap of the user's thread can have, young generation included. */
  | { type: "heap"; limit: number }
  | { type: "finished" };

/** Where completion would replace text, in UTF-16 units, and with what. */
export interface Completion {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
  /** What each match is, as TypeScript calls it: `function`, `const`, `method`, …; in the order of the matches. */
  readonly kinds: readonly string[];
}

export interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid";
  readonly indent?: string;
}

/** What the compiler can be asked; `declarations` is what earlier cells declared. */
export interface CompilerCalls {
  compile(declarations: string, code: string, label: string): Compilation;
  complete(declarations: string, code: string, cursor: number): Completion;
  inspect(declarations: string, code: string, cursor: number): string | null;
  isComplete(code: string): Completeness;
}
