import { DAY, formatTime, parseTime, startOfDay, type Timestamp } from "../../units/time.js";
import { type Partition, partitionsIn } from "./partition.js";
import { type PartOrigin, readPartition, writePartition } from "./partition-manifest.js";

/** What a partition may say of itself when everything before `through` was asked. */
export function completeness(
  { date }: Partition,
  through: Timestamp,
  why: string | null,
): Pick<PartOrigin, "through" | "complete" | "why"> {
  const end = date === null ? null : startOfDay(parseTime(`${date}T00:00:00Z`)) + DAY;
  const open = end !== null && through < end ? `the day was not over when it was asked, ${formatTime(through)}` : null;
  const reasons = [why, open].filter((reason) => reason !== null).join("; ");
  return { through: formatTime(through), complete: reasons === "", why: reasons === "" ? null : reasons };
}

/** Lets the days that are over by now say so: nothing of them has come since, so that nothing has written them anew. */
export async function closeDays(
  library: string,
  { kind, series }: Pick<Partition, "kind" | "series">,
  through: Timestamp,
): Promise<void> {
  for (const partition of partitionsIn(library, kind)) {
    if (partition.series !== series || partition.date === null) continue;
    const manifest = readPartition(library, partition);
    if (manifest === null || manifest.complete || !/^the day was not over/.test(manifest.why ?? "")) continue;
    const known = completeness(partition, through, null);
    await writePartition(library, partition, { ...manifest, ...known }, manifest.files, manifest.before);
  }
}
