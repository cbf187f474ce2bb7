import { type Count, formatCount } from "../../units/count.js";
import { formatPrice } from "../../units/price.js";
import { formatTime } from "../../units/time.js";
import type { FillColumns } from "../fill-columns.js";
import type { Settled } from "./settlement-value.js";

/** What only booking has shown. */
export interface Booking {
  /** What the fills say was held when a market settled. */
  settledPosition(ticker: string): Count;
  /** Fills that are called sells and opened something. */
  readonly openingSells: number;
}

/** What a reader of the figures should know: fills that came twice or contradict themselves, settlements that the fills do not explain or that lack their value. */
export function notesOf(fills: FillColumns, settled: ReadonlyMap<string, Settled>, booking: Booking): string[] {
  return [...notesOfFills(fills, booking), ...notesOfSettlements(settled, booking)];
}

function notesOfFills(fills: FillColumns, { openingSells }: Booking): string[] {
  const notes: string[] = [];
  if (fills.duplicates > 0) notes.push(`${fills.duplicates} fills came twice and were counted once`);
  const cut = fills.exact?.reduce((sum, exact) => sum + Number(exact === 0), 0) ?? 0;
  if (cut > 0) notes.push(`counts of ${cut} fills may be cut to whole contracts: what follows from them is not exact`);
  const against = fills.contradicted?.reduce((sum, one) => sum + one, 0) ?? 0;
  const sold = fills.contradicted?.reduce((sum, one, row) => sum + one * (fills.sells?.[row] ?? 0), 0) ?? 0;
  if (against > sold)
    notes.push(
      `the \`side\` of ${against - sold} fills contradicts \`outcome_side\` or \`book_side\`, which were believed`,
    );
  if (sold > 0)
    notes.push(
      `the \`side\` of ${sold} sells contradicts \`outcome_side\` or \`book_side\`, which were believed: it is what was sold, and not, as on other sells, what was bought to close`,
    );
  if (openingSells > 0)
    notes.push(
      `${openingSells} fills say \`action\` sell and yet opened contracts by the fills before them: some may be missing`,
    );
  return notes;
}

function notesOfSettlements(settled: ReadonlyMap<string, Settled>, { settledPosition }: Booking): string[] {
  const notes: string[] = [];
  for (const [ticker, { value, position, inCents, against, time }] of settled) {
    const ours = settledPosition(ticker);
    if (value === null) {
      notes.push(
        `${ticker}: settled ${formatTime(time)} at a value the record does not give; its position is still open here`,
      );
      continue;
    }
    if (ours !== position) {
      notes.push(
        `${ticker}: the exchange settled a position of ${formatCount(position)}, the fills given make ${formatCount(ours)}`,
      );
    }
    if (against !== null) {
      notes.push(
        `${ticker}: its settlement says ${against} and its market a value of $${formatPrice(value)}, which was believed`,
      );
    }
    if (inCents && ours !== 0) {
      notes.push(`${ticker}: settled by a value in whole cents; give \`markets\` for the exact one`);
    }
  }
  return notes;
}
