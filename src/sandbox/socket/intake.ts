import { WebSocket } from "ws";
import type { Outlet } from "./outlet.js";

export interface IntakeOptions {
  readonly socket: Pick<WebSocket, "pause" | "resume" | "once" | "readyState">;
  readonly outlet: Pick<Outlet, "pending">;
  /** While more answers than this many bytes wait to be taken, no further command is read. */
  readonly maxPendingBytes: number;
  receive(text: string): void;
}

/** The commands of one connection on their way in: no more are read than their answers are taken. */
export interface Intake {
  take(text: string): void;
  /** Whether it waits for the reader. */
  readonly isFull: boolean;
}

/** How often it looks whether the reader has caught up. */
const LOOK_EVERY_MS = 2;

export function createIntake({ socket, outlet, maxPendingBytes, receive }: IntakeOptions): Intake {
  /** Commands that came in one piece with those before, oldest first. */
  let waiting: string[] = [];
  let looking: NodeJS.Timeout | undefined;
  socket.once("close", () => {
    clearTimeout(looking);
    waiting = [];
  });

  const isTooMuch = (): boolean => outlet.pending() > maxPendingBytes;

  /** What is being closed, as when its key was deleted, is told nothing more to do. */
  function obey(text: string): void {
    if (socket.readyState === WebSocket.OPEN) receive(text);
  }

  function hold(): void {
    socket.pause();
    looking = setTimeout(look, LOOK_EVERY_MS).unref();
  }

  function look(): void {
    let done = 0;
    while (done < waiting.length && !isTooMuch()) {
      obey(waiting[done]!);
      done += 1;
    }
    waiting.splice(0, done);
    if (isTooMuch()) {
      looking = setTimeout(look, LOOK_EVERY_MS).unref();
      return;
    }
    looking = undefined;
    socket.resume();
  }

  return {
    take(text) {
      if (looking !== undefined) {
        waiting.push(text);
        return;
      }
      obey(text);
      if (isTooMuch()) hold();
    },
    get isFull() {
      return looking !== undefined;
    },
  };
}
