import type { RecorderStatus } from "./recorder-status.js";
import type { StrandWriter } from "./strand-writer.js";

/** What is written over all strands, and what keeps any of them from it. */
export function writerFigures(strands: readonly StrandWriter[]) {
  const writers = strands.map(({ segments }) => segments);
  const sum = (figure: "writtenFrames" | "writtenBytes" | "segments" | "waitingBytes"): number =>
    writers.reduce((total, writer) => total + writer[figure], 0);
  const cut = writers.flatMap(({ repaired }) => (repaired === null ? [] : [repaired]));
  const [first] = cut;
  const damaged = writers.flatMap(({ damaged }) => (damaged === null ? [] : [damaged]));
  return {
    frames: sum("writtenFrames"),
    bytes: sum("writtenBytes"),
    segments: sum("segments"),
    waitingBytes: sum("waitingBytes"),
    repaired:
      first === undefined
        ? null
        : {
            ...first,
            bytes: cut.reduce((total, { bytes }) => total + bytes, 0),
            frames: cut.reduce((total, { frames }) => total + frames, 0),
          },
    damaged:
      damaged[0] === undefined
        ? null
        : { segment: damaged[0].segment, bytes: damaged.reduce((total, { bytes }) => total + bytes, 0) },
    problem: writers.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}

/** What was packed of all strands, and what keeps any of them from it. */
export function packingFigures(strands: readonly StrandWriter[]): RecorderStatus["packing"] {
  const total = { segments: 0, before: 0, after: 0 };
  for (const { keeper } of strands) {
    total.segments += keeper.packed.segments;
    total.before += keeper.packed.before;
    total.after += keeper.packed.after;
  }
  return { ...total, problem: strands.find(({ keeper }) => keeper.problem !== null)?.keeper.problem ?? null };
}
