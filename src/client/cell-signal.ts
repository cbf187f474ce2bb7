/** The hook that the kernel offers to whatever runs in a cell. Known by its symbol alone. */
interface NotebookHook {
  readonly signal?: AbortSignal;
}

const hookSymbol = Symbol.for("kalshi-lab.notebook");

/** Set off when the cell of a notebook whose code runs now is interrupted; undefined outside of one. */
export function cellSignal(): AbortSignal | undefined {
  return (Reflect.get(globalThis, hookSymbol) as NotebookHook | undefined)?.signal;
}

/** A caller's signal, and that of the cell in which he calls. */
export function withCellSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const cell = cellSignal();
  return signal === undefined || cell === undefined ? (signal ?? cell) : AbortSignal.any([signal, cell]);
}
