import { relative } from "node:path";

/** What can be wrong with a file. */
export type FaultKind =
  /** The manifest names it and it is not there. */
  | "missing"
  /** It is there and the manifest does not name it. */
  | "unlisted"
  | "size"
  | "checksum"
  | "rows"
  | "columns"
  /** It, or its manifest, cannot be read. */
  | "unreadable"
  /** A record stands in it that stands elsewhere too. */
  | "twice"
  /** It holds records of another day than its folder says. */
  | "misplaced";

/** Something that is wrong with a file. */
export interface Fault {
  readonly path: string;
  readonly fault: FaultKind;
  /** In words: what was expected, what was found. */
  readonly message: string;
}

/** What a check has found. */
export interface Verified {
  readonly dir: string;
  /** Data files that were checked, their rows and bytes. */
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  readonly faults: readonly Fault[];
  /** Files that are whole, of an answer that is not: a day that was not over, a hole at the exchange, a recording with gaps. */
  readonly incomplete: readonly { readonly path: string; readonly why: string }[];
  /** Records of a library that the exchange did not tell any more when a sync asked again; they stay in it. */
  readonly vanished: readonly { readonly path: string; readonly why: string }[];
  /** Data files without a manifest, which nothing can be said of. */
  readonly unchecked: readonly string[];
  /** Downloads that were stopped and not gone on with. */
  readonly unfinished: readonly string[];
}

/** A check on its way. */
export class Findings {
  files = 0;
  rows = 0;
  bytes = 0;
  readonly faults: Fault[] = [];
  readonly incomplete: { path: string; why: string }[] = [];
  readonly vanished: { path: string; why: string }[] = [];
  readonly unchecked: string[] = [];
  readonly unfinished: string[] = [];

  fault(path: string, fault: FaultKind, message: string): void {
    this.faults.push({ path, fault, message });
  }

  /** All of it, paths from the folder on. */
  of(dir: string): Verified {
    const { files, rows, bytes } = this;
    const own = (path: string): string => relative(dir, path) || ".";
    return {
      ...{ dir, files, rows, bytes },
      faults: this.faults.map((one) => ({ ...one, path: own(one.path) })),
      incomplete: this.incomplete.map((one) => ({ ...one, path: own(one.path) })),
      vanished: this.vanished.map((one) => ({ ...one, path: own(one.path) })),
      unchecked: this.unchecked.map(own),
      unfinished: this.unfinished.map(own),
    };
  }
}
