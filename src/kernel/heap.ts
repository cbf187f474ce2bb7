import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Where another thread finds `collect`, by `Runtime.evaluate`: it is the one way to collect garbage under a loop that never ends. */
export const collectSymbol = "kalshi-lab.collect";

/** From what part of its limit on a heap is cleared before a cell begins, so that the cell is not held to account for what is garbage. */
const cleared = 0.6;

/** The heap of the thread that runs the user's code. */
export interface Heap {
  /** Bytes that it can have, the young generation included. */
  readonly limit: number;
  /** Bytes in use now; without garbage, where there is much in use. */
  settle(): number;
}

export function ownHeap(): Heap {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  const used = () => getHeapStatistics().used_heap_size;
  const collect = () => {
    collectGarbage();
    return used();
  };
  Object.defineProperty(globalThis, Symbol.for(collectSymbol), { value: collect });
  const limit = getHeapStatistics().heap_size_limit;
  return { limit, settle: () => (used() > cleared * limit ? collect() : used()) };
}
