import type { StagedRows } from "./asking.js";

/** What of an answer is not all that was asked. */
export interface Lacks {
  /** What the exchange did not answer for; null when it has. */
  readonly unanswered: string | null;
  /** What it has lost itself. */
  readonly lost: string | null;
}

export const nothingLacks: Lacks = { unanswered: null, lost: null };

/** Why rows are not all there are of their question. That time went on since is no reason: what came then is asked next. */
export function lacksOf({ why }: StagedRows["provenance"]): Lacks {
  const reasons = why?.split("; ") ?? [];
  return {
    unanswered: reasons.find(isUnanswered) ?? null,
    lost: reasons.find((one) => /^the exchange has no \w+ between/.test(one)) ?? null,
  };
}

export function isUnanswered(reason: string): boolean {
  return reason.startsWith("the exchange did not answer for");
}

/** Reasons as one text; null when there is none. */
export function joined(...reasons: readonly (string | null)[]): string | null {
  return reasons.filter((reason) => reason !== null).join("; ") || null;
}
