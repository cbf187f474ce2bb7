import { messageOf } from "../../errors.js";
import { readJson, readLibrary, readState, type Subject } from "./library-file.js";
import { type Partition, partitionsIn } from "./partition.js";
import { leftQuestionPath } from "./staging-folder.js";

/** A kind of a series of which a library has not come to the end. */
export interface Unfinished {
  readonly kind: string;
  readonly series: string | null;
  readonly why: string;
}

/**
 * What a library has not asked to its end: rows that are in it may be a part of what there is, whatever the manifests of their days say.
 *
 * @param kind - of this one alone
 */
export function unfinishedIn(library: string, kind?: string): readonly Unfinished[] {
  const subjects = readLibrary(library)?.subjects ?? [];
  const left = leftSubject(library);
  const known = left === null || subjects.some((one) => isSame(one, left)) ? subjects : [...subjects, left];
  const found = known.flatMap((subject): Unfinished[] => {
    const why = lackOf(library, subject, left !== null && isSame(subject, left));
    return why === null ? [] : [{ kind: subject.kind, series: subject.series, why }];
  });
  return [...found, ...withoutSubject(library, known)].filter((one) => kind === undefined || one.kind === kind);
}

/** Why a subject has not come to its end; null when it has. */
function lackOf(library: string, subject: Subject, isLeft: boolean): string | null {
  const of = subject.period === null ? "" : `of ${subject.period} minutes: `;
  try {
    const { through, why, lost } = readState(library, subject);
    const reasons = [
      ...(through === null ? ["no sync has come to its end: rows may be missing"] : []),
      ...(isLeft ? ["a sync was stopped in its midst: the next one goes on with it"] : []),
      ...(why === undefined ? [] : [why]),
      ...(lost === undefined ? [] : [lost]),
    ];
    return reasons.length === 0 ? null : of + reasons.join("; ");
  } catch (error) {
    return of + messageOf(error);
  }
}

/** Partitions of what the library does not keep up to date: nothing tells whether they are all there is. */
function withoutSubject(library: string, known: readonly Subject[]): readonly Unfinished[] {
  const group = ({ kind, series }: Pick<Partition, "kind" | "series">): string => JSON.stringify([kind, series]);
  const all = new Map(partitionsIn(library).map(({ kind, series }) => [group({ kind, series }), { kind, series }]));
  for (const one of known) all.delete(group(one));
  return [...all.values()].map((one) => ({ ...one, why: "no sync keeps it up to date: rows may be missing" }));
}

/** The subject of the question that a stopped sync has left, or one at work is asking; null when there is none. */
function leftSubject(library: string): Subject | null {
  const left = readJson(leftQuestionPath(library)) as { readonly subject?: Subject } | null;
  return left?.subject ?? null;
}

function isSame(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.series === other.series && one.period === other.period;
}
