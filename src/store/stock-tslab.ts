import { createRequire } from "node:module";

/** One value in several forms, by MIME type. */
type Bundle = Readonly<Record<string, unknown>>;

/** Shows a whole bundle in the cell of stock tslab that runs. */
export type ShowInTslab = (bundle: Bundle) => void;

type WriteDisplayData = (content: { data: Bundle; metadata: object; transient: object }, update: boolean) => void;

/** Stock tslab's way to show a whole bundle, if this process is one of its kernels; its public `display` takes one form at a time. */
export function stockTslab(): ShowInTslab | null {
  const require = createRequire(import.meta.url);
  try {
    const exports = require.cache[require.resolve("tslab/dist/jupyter.js")]?.exports as
      | { readonly lastWriteDisplayData?: unknown }
      | undefined;
    const write = exports?.lastWriteDisplayData;
    if (typeof write !== "function") return null;
    return (data) => (write as WriteDisplayData)({ data, metadata: {}, transient: {} }, false);
  } catch {
    return null; // tslab is not installed
  }
}
