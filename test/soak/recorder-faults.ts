import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecording } from "../../src/recorder/replay.js";
import { Random } from "../../src/sandbox/world/random.js";
import { SmallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { compareEvents, compareGaps, compareMoments } from "./compare-books.js";
import { type FaultKind, type FaultStep, type FaultWire, faultKinds, faultPlan, faultWire } from "./fault-plan.js";
import { FaultStage } from "./fault-stage.js";
import { compareFrames } from "./recorded-connections.js";

/** What one walk of {@link walkFaults} came to. */
export interface FaultWalk {
  readonly seed: string;
  readonly steps: readonly FaultKind[];
  readonly wire: FaultWire;
  readonly frames: number;
  /** Frames sent that are not in the recording, each within a gap. */
  readonly missing: number;
  readonly gaps: number;
  readonly connections: number;
  /** Questions for a book at a moment, and how they were answered. */
  readonly ok: number;
  readonly unknown: number;
  /** What the walk met on the way, by name: so often. */
  readonly met: Readonly<Record<string, number>>;
}

export interface FaultWalkOptions {
  /** Only so many steps of the seed's walk. */
  readonly steps?: number | undefined;
  /** Only these kinds of faults. */
  readonly kinds?: readonly FaultKind[] | undefined;
  /** Default: as the seed has it. */
  readonly wire?: FaultWire | undefined;
  readonly onStep?: ((step: FaultStep, seconds: number) => void) | undefined;
}

/**
 * Records a sandbox with `kalshi-lab record`, both in processes of their own, while one fault after another strikes. After each, what was
 * recorded is what the sandbox wrote down as sent, but for what the recording itself says is missing; every book called `ok` is the
 * sandbox's own at that time, of which a plain model of its own keeps account; and no book within a gap is called `ok`.
 *
 * @param seed - the same one takes the same steps
 * @throws Error naming the seed, the step, and what is false
 */
export async function walkFaults(seed: string, options: FaultWalkOptions = {}): Promise<FaultWalk> {
  const kinds = (options.kinds ?? faultKinds).filter((kind) => whyNoSmallDisk === null || !kind.startsWith("fill"));
  const plan = faultPlan(seed, kinds).slice(0, options.steps);
  const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-faults-"));
  const disk = whyNoSmallDisk === null ? await SmallDisk.make("64m") : null;
  const wire = options.wire ?? faultWire(seed);
  let at = "the start";
  let stage: FaultStage | undefined;
  try {
    stage = await FaultStage.open({ seed, dir, disk, wire });
    for (const [index, step] of plan.entries()) {
      at = `step ${index + 1}, ${step.kind}`;
      const begun = performance.now();
      await stage.strike(step);
      await stage.settle();
      await check(stage, new Random(`${seed}/questions/${index}`), 12);
      options.onStep?.(step, (performance.now() - begun) / 1000);
    }
    at = "the end";
    await stage.close();
    const random = new Random(`${seed}/questions`);
    const { connections, spans, ...answers } = await check(stage, random, 400, false);
    return {
      seed,
      steps: plan.map(({ kind }) => kind),
      wire,
      frames: connections.reduce((sum, { sent, missing }) => sum + sent.frames.length - missing.length, 0),
      missing: connections.reduce((sum, { missing }) => sum + missing.length, 0),
      gaps: spans.length,
      connections: connections.length,
      ...answers,
      met: stage.met,
    };
  } catch (error) {
    const again = `npm run soak -- recorder --seed ${seed} --walks 1`;
    const count = plan.length;
    throw new Error(`seed ${seed}, ${at} of ${count} (${again} [--steps N]): ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await stage?.close();
    await disk?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Holds the whole recording against the ledger; `questions` books at moments of the time since the check before, or of all time. */
async function check(stage: FaultStage, random: Random, questions: number, isOpen = true) {
  const { ledger, out } = stage;
  ledger.read();
  const connections = await compareFrames(out, ledger, isOpen);
  const recording = await openRecording(out);
  const spans = await compareEvents(recording, connections);
  compareGaps(spans, connections);
  const answers = await compareMoments(recording, spans, ledger, stage.moments(random, questions, spans, isOpen));
  if (isOpen) await stage.compareNow(recording);
  return { connections, spans, ...answers };
}
