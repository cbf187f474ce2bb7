import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { KalshiError, messageOf } from "../errors.js";

/** A segment held open to be read, as far as readers ask of it; a `FileHandle` is one. */
export interface SegmentFile {
  readonly fd: number;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<Pick<Stats, "size">>;
  close(): Promise<void>;
}

/**
 * Opens a segment of which little is read: it is open, read and closed again before another thread would have begun.
 *
 * @throws KalshiError `FILE_UNREADABLE`
 */
export function openAtOnce(path: string): SegmentFile {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
  return {
    fd,
    read: async (buffer, offset, length, position) => ({ bytesRead: readSync(fd, buffer, offset, length, position) }),
    stat: async () => fstatSync(fd),
    close: async () => closeSync(fd),
  };
}

/** What is said of a segment that cannot be opened. */
export function unreadable(path: string, error: unknown): KalshiError {
  return new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
    hint: "check the file and its permissions",
    context: { path },
    cause: error,
  });
}
