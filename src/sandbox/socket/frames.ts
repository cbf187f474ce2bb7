import { MILLISECOND, type Timestamp } from "../../units/time.js";
import type { Json } from "../types.js";

/** What stands before the content of a frame, in this order. */
export interface FrameHead {
  readonly type: string;
  readonly id?: number | undefined;
  readonly sid?: number | undefined;
  readonly seq?: number | undefined;
}

/** The first half of a frame. An id of 0 is none. */
export function frameHead({ type, id, sid, seq }: FrameHead): string {
  let text = `{"type":"${type}"`;
  if (id !== undefined && id !== 0) text += `,"id":${id}`;
  if (sid !== undefined) text += `,"sid":${sid}`;
  if (seq !== undefined) text += `,"seq":${seq}`;
  return text;
}

/** The second half, alike for everybody who is sent the same: content, time, and the newline that ends each frame. */
export function frameTail(msg: Json | undefined, time: Timestamp): string {
  const content = msg === undefined ? "" : `,"msg":${JSON.stringify(msg)}`;
  return `${content},"sending_ts_ms":${Math.floor(time / MILLISECOND)}}\n`;
}
