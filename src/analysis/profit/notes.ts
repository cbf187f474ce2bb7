import { type Count, formatCount } from "../../units/count.js";
import { formatTime } from "../../units/time.js";
import type { FillColumns } from "../fill-columns.js";
import type { Settled } from "./settlement-value.js";

/** What a reader of the figures should know: fills that came twice or whose sides contradict each other, settlements that the fills do not explain or that lack their value. */
export function notesOf(
  fills: FillColumns,
  settled: ReadonlyMap<string, Settled>,
  settledPosition: (ticker: string) => Count,
): string[] {
  const notes: string[] = [];
  if (fills.duplicates > 0) notes.push(`${fills.duplicates} fills came twice and were counted once`);
  const cut = fills.exact?.reduce((sum, exact) => sum + Number(exact === 0), 0) ?? 0;
  if (cut > 0) notes.push(`counts of ${cut} fills may be cut to whole contracts: what follows from them is not exact`);
  const against = fills.contradicted?.reduce((sum, one) => sum + one, 0) ?? 0;
  if (against > 0)
    notes.push(`the \`side\` of ${against} fills contradicts \`outcome_side\` or \`book_side\`, which were believed`);
  for (const [ticker, { value, position, inCents, time }] of settled) {
    const ours = settledPosition(ticker);
    if (value === null) {
      notes.push(
        `${ticker}: settled ${formatTime(time)} at a value the record does not give; its position is still open here`,
      );
    } else if (ours !== position) {
      notes.push(
        `${ticker}: the exchange settled a position of ${formatCount(position)}, the fills given make ${formatCount(ours)}`,
      );
    } else if (inCents && ours !== 0) {
      notes.push(`${ticker}: settled by a value in whole cents; give \`markets\` for the exact one`);
    }
  }
  return notes;
}
