import { existsSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KalshiError } from "../../errors.js";
import { syncFolder } from "../../store/atomic-file.js";
import { libraryKinds } from "./kinds.js";
import { readJson, readLibrary, removeStates, type Subject, writeLibrary } from "./library-file.js";
import { isOf, type Partition, partitionPath, partitionsIn } from "./partition.js";
import { MANIFESTS } from "./partition-manifest.js";
import { kindFolder } from "./place.js";
import { leftQuestionPath, ownFolder, ROWS_FILE, stagingFolder } from "./staging-folder.js";

type Group = Pick<Partition, "kind" | "series">;

/** What is to be gone from the library. */
export function dropNotePath(library: string): string {
  return join(stagingFolder(library), "drop.json");
}

/**
 * Removes what was noted as dropped, also what a stopped process has left of it. For whoever holds the library's lock, before anything else is
 * read: what is dropped is not to be kept up to date.
 *
 * @throws KalshiError `FILE_UNREADABLE` for a note that no version of this library has written
 */
export async function endDrop(library: string): Promise<void> {
  const groups = readNote(library);
  if (groups === null) return;
  await forgetSubjects(library, groups);
  for (const group of groups) {
    await removeFolder(library, group);
    for (const rest of [partitionPath({ ...group, date: null }), `${partitionPath({ ...group, date: null })}.json`])
      await rm(join(ownFolder(library, MANIFESTS), rest), { recursive: true, force: true });
    await removeStates(library, group);
  }
  await syncFolder(library);
  await rm(dropNotePath(library), { force: true });
}

/** Nothing of them is asked any more, and where none of the account is left it may be another's. */
async function forgetSubjects(library: string, groups: readonly Group[]): Promise<void> {
  const left = readJson(leftQuestionPath(library)) as { readonly subject?: Subject } | null;
  if (left?.subject !== undefined && groups.some((group) => isOf(left.subject!, group))) {
    const staging = stagingFolder(library);
    await rm(leftQuestionPath(library), { force: true });
    for (const name of [ROWS_FILE, `${ROWS_FILE}.manifest.json`, `${ROWS_FILE}.partial`])
      await rm(join(staging, name), { recursive: true, force: true });
  }
  const file = readLibrary(library);
  if (file === null) return;
  const { exchange, subjects } = file;
  const isGone = (one: Group): boolean => groups.some((group) => isOf(one, group));
  const own = [...subjects, ...partitionsIn(library)].filter((one) => one.series === null && !isGone(one));
  await writeLibrary(library, {
    exchange,
    account: own.length === 0 ? null : file.account,
    subjects: subjects.filter((one) => !isGone(one)),
  });
}

/** Takes the data out of sight at once, then away. */
async function removeFolder(library: string, group: Group): Promise<void> {
  const dir = ownFolder(library, partitionPath({ ...group, date: null }));
  const aside = join(stagingFolder(library), `drop-${encodeURIComponent(partitionPath({ ...group, date: null }))}`);
  await rm(aside, { recursive: true, force: true });
  if (existsSync(dir)) {
    await rename(dir, aside);
    await syncFolder(dirname(dir));
  }
  await rm(aside, { recursive: true, force: true });
  // Of a kind of which nothing is left nothing is to be seen; of any other there is more.
  await rmdir(kindFolder(library, group.kind)).catch(() => undefined);
}

function readNote(library: string): readonly Group[] | null {
  const found = readJson(dropNotePath(library));
  if (found === null) return null;
  const groups: unknown = Reflect.get(found as object, "groups");
  if (Array.isArray(groups) && groups.every(isGroup)) return groups;
  throw new KalshiError("FILE_UNREADABLE", `${dropNotePath(library)} names no datasets of this library`, {
    hint: "no version of kalshi-lab writes such a note: if you trust the library, remove the note and run verify",
    context: { path: dropNotePath(library) },
  });
}

function isGroup(found: unknown): found is Group {
  if (typeof found !== "object" || found === null) return false;
  const { kind, series } = found as Readonly<Record<string, unknown>>;
  if (typeof kind !== "string" || !Object.hasOwn(libraryKinds, kind)) return false;
  const { bySeries } = libraryKinds[kind as keyof typeof libraryKinds];
  return bySeries ? typeof series === "string" && series !== "" : series === null;
}
