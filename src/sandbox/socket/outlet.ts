import type { Duplex } from "node:stream";
import { WebSocket } from "ws";

/** Where a session's frames go. */
export interface Outlet {
  send(frame: string): void;
  /** Sends nothing more until a span has passed; what comes meanwhile waits in its order. */
  hold(ms: number, pingsToo?: boolean): void;
  /** Whether not even pings are to be sent, or answered, now. */
  isSilent(): boolean;
  /** Bytes that the other side has not taken yet. */
  pending(): number;
  /** Frames given so far. */
  sent(): number;
  /** Ends the connection without a close frame. */
  cut(): void;
}

/**
 * The outlet of a connection. Frames of one turn of the event loop leave together, in one write, for a write costs more than a frame.
 *
 * @param stream - what the socket runs over
 */
export function createOutlet(socket: WebSocket, stream: Duplex): Outlet {
  // Where messages may be compressed they must go through the socket's own queue.
  const isPlain = socket.extensions === "";
  let gathered: string[] = [];
  let bytes = 0;
  let sent = 0;
  let heldUntil = 0;
  let holding: NodeJS.Timeout | undefined;
  let isSilent = false;
  socket.once("close", () => clearTimeout(holding));

  function flush(): void {
    if (holding !== undefined || gathered.length === 0) return;
    const frames = gathered;
    gathered = [];
    bytes = 0;
    if (socket.readyState !== WebSocket.OPEN || stream.destroyed) return;
    if (isPlain) {
      stream.write(framed(frames));
      return;
    }
    stream.cork();
    for (const frame of frames) socket.send(frame);
    stream.uncork();
  }

  return {
    send(frame) {
      if (gathered.length === 0) process.nextTick(flush);
      gathered.push(frame);
      sent += 1;
      bytes += frame.length;
      if (bytes > MOST_GATHERED) flush();
    },
    hold(ms, pingsToo = false) {
      flush();
      isSilent ||= pingsToo;
      const until = performance.now() + ms;
      if (until <= heldUntil) return;
      heldUntil = until;
      clearTimeout(holding);
      holding = setTimeout(() => {
        holding = undefined;
        isSilent = false;
        flush();
      }, ms);
    },
    sent: () => sent,
    isSilent: () => isSilent,
    pending: () => bytes + socket.bufferedAmount,
    cut() {
      stream.destroy();
    },
  };
}

/** More than this is not gathered before it is written. */
const MOST_GATHERED = 1024 * 1024;
const TEXT_WHOLE = 0x81;
const SHORT = 126;
const MEDIUM = 65_536;

/** Text messages as a server frames them: unmasked, whole, one after another. See RFC 6455, 5.2. */
function framed(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const total = lengths.reduce((sum, length) => sum + headLength(length) + length, 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  for (const [n, text] of texts.entries()) {
    const length = lengths[n]!;
    bytes[at] = TEXT_WHOLE;
    if (length < SHORT) {
      bytes[at + 1] = length;
    } else if (length < MEDIUM) {
      bytes[at + 1] = 126;
      bytes.writeUInt16BE(length, at + 2);
    } else {
      bytes[at + 1] = 127;
      bytes.writeBigUInt64BE(BigInt(length), at + 2);
    }
    at += headLength(length);
    at += bytes.write(text, at);
  }
  return bytes;
}

function headLength(length: number): number {
  if (length < SHORT) return 2;
  return length < MEDIUM ? 4 : 10;
}
