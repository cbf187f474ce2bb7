import { statSync } from "node:fs";
import type tsModule from "typescript";

/** What TypeScript asks for the files of a program; the second by a path where the first has a name. */
export interface ProgramHost {
  getSourceFile(file: string, options: ParseOptions, ...rest: unknown[]): tsModule.SourceFile | undefined;
  getSourceFileByPath(
    file: string,
    path: string,
    options: ParseOptions,
    ...rest: unknown[]
  ): tsModule.SourceFile | undefined;
}

type ParseOptions = tsModule.ScriptTarget | tsModule.CreateSourceFileOptions;

interface Parsed {
  readonly file: tsModule.SourceFile;
  readonly state: string;
}

/**
 * Declaration files of packages as TypeScript parsed them, which is most of the time it takes to start. Collected before a snapshot of the
 * process is made, and given to the program after it: unless a file has changed since.
 */
export class ParsedFiles {
  readonly #files = new Map<string, Parsed>();
  readonly #offered = new WeakSet<ProgramHost>();
  /** Those that were compared with the disk by this process. */
  readonly #current = new Set<string>();
  #isCollecting: boolean;

  constructor({ collect = false } = {}) {
    this.#isCollecting = collect;
  }

  /** From here on files are given, no longer collected. */
  seal(): void {
    this.#isCollecting = false;
    // By which TypeScript compares a file with the copy that it watches; of these it watches none.
    for (const { file } of this.#files.values()) Reflect.set(file, "version", undefined);
  }

  /** Puts itself in front of the program's own way to a file. */
  offerTo(host: ProgramHost): void {
    if (this.#offered.has(host) || (!this.#isCollecting && this.#files.size === 0)) return;
    this.#offered.add(host);
    const { getSourceFile, getSourceFileByPath } = host;
    host.getSourceFile = (file, options, ...rest) =>
      this.#given(file, options) ?? this.#keep(file, getSourceFile(file, options, ...rest));
    host.getSourceFileByPath = (file, path, options, ...rest) =>
      this.#given(file, options) ?? this.#keep(file, getSourceFileByPath(file, path, options, ...rest));
  }

  #given(name: string, options: ParseOptions): tsModule.SourceFile | undefined {
    const parsed = this.#isCollecting ? undefined : this.#files.get(name);
    if (parsed === undefined) return undefined;
    const format = typeof options === "object" ? options.impliedNodeFormat : undefined;
    if (parsed.file.impliedNodeFormat !== format) return undefined;
    if (!this.#current.has(name)) {
      if (stateOf(name) !== parsed.state) {
        this.#files.delete(name);
        return undefined;
      }
      this.#current.add(name);
    }
    return parsed.file;
  }

  #keep(name: string, file: tsModule.SourceFile | undefined): tsModule.SourceFile | undefined {
    if (!this.#isCollecting || file === undefined || !/\.d\.[cm]?ts$/.test(name)) return file;
    const state = stateOf(name);
    if (state !== null) this.#files.set(name, { file, state });
    return file;
  }
}

/** Changes with the file; null where there is none, such as what earlier cells declared. */
function stateOf(name: string): string | null {
  const found = statSync(name, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.mtimeMs} ${found.size}`;
}
