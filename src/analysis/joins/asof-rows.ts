import type { ScaledColumn } from "../../frames/scaled-column.js";
import type { Duration } from "../../units/time.js";
import type { KeyNumbers } from "./keys.js";
import { lanesOf } from "./lanes.js";

/** Where the match of a row is looked for: at or before its time, at or after it, or on whichever side is nearer. */
export type AsofDirection = "backward" | "forward" | "nearest";

/** How rows are matched. */
export interface Matching {
  readonly direction: AsofDirection;
  /** How far away the match may be, included. */
  readonly tolerance: Duration;
  /** A row at the very time is no match. */
  readonly strict: boolean;
}

/**
 * For every left row the number of the right row that matches it, −1 where none does: one walk along both, key by key.
 *
 * Of right rows of one time the last in their table's order counts looking backward, the first looking forward; of two equally near, the
 * earlier.
 */
export function asofRows(
  keys: KeyNumbers,
  leftTime: ScaledColumn<unknown>,
  rightTime: ScaledColumn<unknown>,
  { direction, tolerance, strict }: Matching,
): Int32Array {
  const left = lanesOf(keys.left, keys.size, leftTime);
  const right = lanesOf(keys.right, keys.size, rightTime);
  const [times, others] = [leftTime.raw, rightTime.raw];
  const matched = new Int32Array(keys.left.length).fill(-1);
  for (let key = 0; key < keys.size; key += 1) {
    const from = right.starts[key]!;
    const until = right.starts[key + 1]!;
    // Everything before `after` is at or before the time looked at; everything from `since` on is at or after it.
    let after = from;
    let since = from;
    for (let at = left.starts[key]!; at < left.starts[key + 1]!; at += 1) {
      const row = left.rows[at]!;
      const time = times[row]!;
      while (after < until && isBefore(others[right.rows[after]!]!, time, !strict)) after += 1;
      while (since < until && isBefore(others[right.rows[since]!]!, time, strict)) since += 1;
      const back = direction !== "forward" && after > from ? right.rows[after - 1]! : -1;
      const ahead = direction !== "backward" && since < until ? right.rows[since]! : -1;
      const behind = back < 0 ? Number.POSITIVE_INFINITY : time - others[back]!;
      const beyond = ahead < 0 ? Number.POSITIVE_INFINITY : others[ahead]! - time;
      if (Math.min(behind, beyond) <= tolerance) matched[row] = behind <= beyond ? back : ahead;
    }
  }
  return matched;
}

function isBefore(other: number, time: number, orAt: boolean): boolean {
  return orAt ? other <= time : other < time;
}
