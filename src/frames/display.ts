import { ColumnTable } from "arquero";
import { tableHtml } from "./html.js";
import { tableText } from "./text.js";

const JUPYTER = Symbol.for("Jupyter.display");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** What a notebook shows of a table. */
export interface TableBundle {
  readonly "text/html": string;
  readonly "text/plain": string;
}

/** A table for a notebook, as HTML and as text. */
export function tableBundle(table: ColumnTable): TableBundle {
  return { "text/html": tableHtml(table), "text/plain": tableText(table) };
}

/**
 * Lets every arquero table show itself: in notebooks through `Symbol.for("Jupyter.display")`, in terminals and in kernels that
 * only print through Node's `inspect`. The verbs make tables of their own, so the methods stand on the class; once is enough.
 */
export function installTableDisplay(): void {
  if (Object.hasOwn(ColumnTable.prototype, JUPYTER)) return;
  Object.defineProperty(ColumnTable.prototype, JUPYTER, {
    value(this: ColumnTable) {
      return tableBundle(this);
    },
    configurable: true,
    writable: true,
  });
  Object.defineProperty(ColumnTable.prototype, INSPECT, {
    value(this: ColumnTable) {
      return tableText(this);
    },
    configurable: true,
    writable: true,
  });
}
