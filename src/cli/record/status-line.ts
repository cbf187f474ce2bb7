import type { RecorderStatus } from "../../recorder/record.js";
import { formatTimeFull, type Timestamp } from "../../units/time.js";

/** A status for programs: the fields of {@link RecorderStatus}, times as RFC 3339. */
export function statusLine(status: RecorderStatus): Readonly<Record<string, unknown>> {
  const { at, state, startedAt, lastFrameAt, ...rest } = status;
  return { type: "status", at: time(at), state, startedAt: time(startedAt), lastFrameAt: time(lastFrameAt), ...rest };
}

function time(at: Timestamp | null): string | null {
  return at === null ? null : formatTimeFull(at);
}
