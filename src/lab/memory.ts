import { setFlagsFromString } from "node:v8";

/** By what V8 multiplies the space for young objects when many of them live on: 2 unless told otherwise. */
const GROWTH = { usual: 2, none: 1 };

let running = 0;

/**
 * Runs work that streams many objects through, and keeps V8's space for young objects as small as it is meanwhile. V8 doubles that space
 * (to 128 MB on a large machine) as soon as enough objects have lived on for a moment, which in a stream of pages is always; it gains no
 * time by it here.
 *
 * The flag is the whole process's and is read whenever the space could grow; where V8 knows it no longer, nothing changes.
 */
export async function sparingly<T>(work: () => Promise<T>): Promise<T> {
  running += 1;
  if (running === 1) setGrowth(GROWTH.none);
  try {
    return await work();
  } finally {
    running -= 1;
    if (running === 0) setGrowth(GROWTH.usual);
  }
}

function setGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
