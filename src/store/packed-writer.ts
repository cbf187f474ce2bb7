import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { syncFolder, temporaryBeside, writeError } from "./atomic-file.js";
import type { BlockPacker } from "./packed-block.js";
import { PACKED_MAGIC } from "./packed-segment.js";
import type { Entry } from "./segment.js";
import type { SegmentBlock } from "./segment-block.js";

/** A packed segment being written beside the raw one whose place it takes when it is whole. */
export class PackedWriter {
  /** Where its blocks are. */
  readonly places: Pick<SegmentBlock, "offset" | "length" | "crc">[] = [];
  readonly #packer: BlockPacker;
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  #length = PACKED_MAGIC.length;
  #isOpen = true;

  /** @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  static async begin(path: string, packer: BlockPacker): Promise<PackedWriter> {
    const temporary = temporaryBeside(path);
    let file: FileHandle;
    try {
      file = await open(temporary, "wx");
    } catch (error) {
      throw writeError(temporary, error);
    }
    const writer = new PackedWriter(path, temporary, file, packer);
    await writer.#put(PACKED_MAGIC, 0);
    return writer;
  }

  private constructor(path: string, temporary: string, file: FileHandle, packer: BlockPacker) {
    this.#packer = packer;
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a block. @throws KalshiError `DISK_FULL`, `WRITE_FAILED` */
  async add(entries: readonly Entry[]): Promise<void> {
    const block = this.#packer.pack(entries);
    await this.#put(block, this.#length);
    this.places.push({ offset: this.#length, length: block.length, crc: crc32(block) });
    this.#length += block.length;
  }

  /**
   * Makes it durable and puts it in its place; `beside` comes first, so that what is written there is ready by then.
   *
   * @throws KalshiError `DISK_FULL`, `WRITE_FAILED`; the raw segment then stays
   */
  async finish(beside: () => Promise<void>): Promise<void> {
    try {
      await this.#file.datasync();
      await this.#close();
      await beside();
      await rename(this.#temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }

  /** Takes away what was written, unless it is in its place. */
  async discard(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #put(bytes: Buffer, at: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      await this.discard();
      throw writeError(this.#temporary, error);
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}
