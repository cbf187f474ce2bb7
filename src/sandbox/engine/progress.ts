import { type Clock, MILLISECOND, type Timestamp } from "../../units/time.js";

/** How far an engine has come by the clock of its world. */
export interface Progress {
  readonly clock: Clock;
  /** Time of the last event. Never goes back. */
  time: Timestamp;
  /** Makers do nothing before this moment, however late they come. */
  lived: Timestamp;
  /** Whether a step is on its way through the past. */
  isStepping: boolean;
}

export function createProgress(clock: Clock): Progress {
  return { clock, time: 0, lived: Number.NEGATIVE_INFINITY, isStepping: false };
}

/** Time of the last event, or of the world's clock where that is later. */
export function nowOf({ time, clock }: Progress): Timestamp {
  return Math.max(time, clock.now());
}

/** Now; but while a step leads through the past, the moment that it has come to. */
export function presentOf(progress: Progress): Timestamp {
  return progress.isStepping ? progress.time : nowOf(progress);
}

/** Goes on to a moment, unless it is past. */
export function reach(progress: Progress, moment: Timestamp): void {
  progress.time = Math.max(progress.time, moment);
}

/** Goes on to the present, which no event of now may precede. */
export function reachNow(progress: Progress): Timestamp {
  progress.time = nowOf(progress);
  return progress.time;
}

/** Whether a moment lies in a later millisecond than the last event. */
export function isNewMillisecond({ time }: Progress, moment: Timestamp): boolean {
  return millis(moment) > millis(time);
}

/** Lets no later event share the millisecond of the last one. */
export function endMillisecond(progress: Progress): void {
  progress.time = (millis(progress.time) + 1) * MILLISECOND;
}

function millis(time: Timestamp): number {
  return Math.floor(time / MILLISECOND);
}
