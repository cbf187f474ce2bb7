import { KalshiError } from "../../errors.js";
import { formatTime } from "../../units/time.js";
import type { Engine } from "../engine/engine.js";
import type { FrameFaults } from "../socket/frame-faults.js";
import type { Json } from "../types.js";
import { SandboxClock } from "../world/clock.js";
import type { MemoryWorld } from "../world/world.js";
import type { Readers, ReplaySpeed } from "./pace.js";
import { gridFields } from "./recorded-grid.js";
import { Replay } from "./replay.js";
import { createReplayEngine, type ReplayEngine } from "./replay-engine.js";
import { replayWorld } from "./replay-world.js";
import { scanRecording } from "./scan.js";
import { ToldFigures } from "./told-figures.js";

/** A recording about to be served. */
export interface OpenReplay {
  readonly world: MemoryWorld;
  /** Moved by the recording alone. */
  readonly clock: SandboxClock;
  readonly replay: Replay;
  readonly pace: { readonly speed: ReplaySpeed };
  /** The engine to serve, over one that has the accounts. To be called once. */
  engine(base: Engine): ReplayEngine;
  /** Refuses handshakes while the recording does not know its books; else as `faults` say. */
  refusing(faults: FrameFaults): FrameFaults;
  /** What `POST /clock` does: sets the speed, a number or `max`. @throws KalshiError `BAD_ARGUMENT` */
  operate(query: URLSearchParams): Json;
  /** Begins to play; resolves once readers can be served. `cut` ends every connection. `onError` is told when it cannot be read on. */
  start(parts: Readers & { cut(): void; onError(error: unknown): void }): Promise<void>;
}

/**
 * Opens a recording to serve it as a live exchange.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`
 */
export async function openReplay(dir: string, speed: ReplaySpeed, seed: string): Promise<OpenReplay> {
  const scan = await scanRecording(dir);
  const clock = new SandboxClock(scan.from);
  const world = replayWorld(scan, clock, seed);
  const figures = new ToldFigures(world);
  let engine: ReplayEngine | null = null;
  let parts: (Readers & { cut(): void }) | null = null;
  const replay = new Replay({
    dir,
    speed,
    readers: { pending: () => parts?.pending() ?? 0, isAnybody: () => parts?.isAnybody() ?? false },
    onTime: (time) => clock.putForward(time),
    onTrade: (trade) => figures.trade(trade),
    onTicker: (event, dollarVolume) => figures.ticker(event, dollarVolume),
    onGrid(ticker, grid) {
      const market = world.markets.get(ticker);
      if (market === undefined) return;
      market.grid = grid.grid;
      market.updatedTime = clock.now();
      market.wire = { ...market.wire, ...gridFields(grid), updated_time: formatTime(clock.now()) };
    },
    onFrame: (event) => engine?.emit(event),
    onOutage: () => parts?.cut(),
  });
  return {
    world,
    clock,
    replay,
    pace: replay.pace,
    engine(base) {
      engine = createReplayEngine(base, world, { book: (ticker) => replay.book(ticker), figures });
      return engine;
    },
    refusing: (faults) => ({
      get isOn() {
        return faults.isOn !== false;
      },
      handshake: () => (replay.isDown ? DOWN : faults.handshake()),
      frame: (about) => faults.frame(about),
    }),
    operate(query) {
      if (query.has("to") || query.has("by")) {
        throw new KalshiError("BAD_ARGUMENT", "a replay cannot be put forward", { hint: "let it run faster instead" });
      }
      replay.pace.setSpeed(readReplaySpeed(query.get("speed")));
      return { now: formatTime(clock.now()), speed: replay.pace.speed };
    },
    async start(given) {
      parts = given;
      const running = replay.run();
      running.catch(given.onError);
      await Promise.race([replay.opened, running]);
    },
  };
}

/** `max`, or a number from 0 on. @throws KalshiError `BAD_ARGUMENT` */
function readReplaySpeed(text: string | null): ReplaySpeed {
  if (text === "max") return "max";
  const value = Number(text);
  if (text !== null && text.trim() !== "" && value >= 0 && value <= 1_000_000) return value;
  throw new KalshiError("BAD_ARGUMENT", `a replay cannot run at speed ${JSON.stringify(text)}`, {
    hint: "give a number from 0 to 1000000, or max",
    context: { speed: text },
  });
}

const DOWN = { status: 502, text: "", contentType: "text/plain" };
