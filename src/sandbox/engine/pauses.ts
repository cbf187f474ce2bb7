import type { Timestamp } from "../../units/time.js";
import { weeklyPause } from "../world/weekly-pause.js";
import type { Agenda } from "./agenda.js";
import { createHalts, type Halts } from "./halts.js";
import { type Progress, presentOf } from "./progress.js";
import type { Seat } from "./seat.js";
import type { Trading } from "./trading.js";
import type { Turns } from "./turns.js";

export interface PausesContext {
  readonly progress: Progress;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly agenda: Agenda<(at: Timestamp) => void>;
  readonly trading: Trading;
  readonly turns: Turns;
}

/** Pauses of the whole exchange and what they do to its markets; those of every Thursday too, where `weekly`. */
export function createPauses({ progress, seats, agenda, trading, turns }: PausesContext, weekly: boolean): Halts {
  const halts = createHalts({
    onHalt() {
      progress.time = presentOf(progress);
      for (const seat of seats.values()) trading.halt(seat.venue, progress.time);
      turns.skipTo(presentOf(progress));
    },
    onResume: () => turns.skipTo(presentOf(progress)),
  });

  /** Enters the weekly pause that is on or comes next. Another pause meanwhile is left as it is. */
  function pauseWeekly(now: Timestamp): void {
    const { from, to } = weeklyPause(now);
    agenda.add(from, () => {
      if (!halts.isHalted()) halts.pauseTrading();
    });
    agenda.add(to, () => {
      if (halts.halted() === "trading") halts.resumeExchange();
      pauseWeekly(to);
    });
  }

  if (weekly) pauseWeekly(progress.clock.now());
  return halts;
}
