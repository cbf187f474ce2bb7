import type { Timestamp } from "../../units/time.js";

/** Something that holds from a time on, until the next. */
export interface Scheduled {
  readonly time: Timestamp;
  /** By a message: it is not among the changes of the records. */
  readonly isTold?: boolean;
}

/** Lists by key, each ascending by time; those of one time as they came. */
export function byTime<Change extends Scheduled>(
  changes: readonly (readonly [key: string, Change])[],
): ReadonlyMap<string, readonly Change[]> {
  const lists = new Map<string, Change[]>();
  for (const [key, change] of changes.toSorted(([, a], [, b]) => a.time - b.time)) {
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [change]);
    else list.push(change);
  }
  return lists;
}

/** The lists with one change more, in its place. */
export function withOne<Change extends Scheduled>(
  lists: ReadonlyMap<string, readonly Change[]>,
  key: string,
  change: Change,
): ReadonlyMap<string, readonly Change[]> {
  const list = [...(lists.get(key) ?? []), change].sort((a, b) => a.time - b.time);
  return new Map(lists).set(key, list);
}

/** What holds at a time. */
export function lastBefore<Change extends Scheduled>(changes: readonly Change[], time: Timestamp): Change | undefined {
  return changes.findLast((change) => change.time <= time);
}
