import type { Server } from "node:http";
import type { Clock } from "../units/time.js";
import { Timekeeper } from "./control/clock-operations.js";
import { Control } from "./control/control.js";
import type { Engine } from "./engine/engine.js";
import { FaultInjector } from "./faults/fault-injector.js";
import type { Keyring } from "./rest/auth.js";
import { Limits, UNSIGNED } from "./rest/limits.js";
import { createRestServer, SOCKET_PATH } from "./rest/server.js";
import { Stats } from "./rest/stats.js";
import { createSurface } from "./rest/surface.js";
import type { SandboxOptions } from "./sandbox-options.js";
import type { SandboxWorld } from "./sandbox-world.js";
import { attachChannels, type Channels } from "./socket/channels.js";
import { openFrameLog } from "./socket/frame-log.js";
import type { StateJournal } from "./state/state.js";
import type { Rolling } from "./world/rolling.js";

/** What a sandbox shows of itself: an exchange by REST and WebSocket, and its control server. Neither listens yet. */
export interface Front {
  readonly exchange: Server;
  readonly control: Server;
  readonly channels: Channels;
  readonly time: Timekeeper;
}

export interface FrontParts {
  readonly growing: SandboxWorld;
  readonly engine: Engine;
  readonly rolling: Rolling;
  readonly keyring: Keyring;
  readonly journal: StateJournal | null;
  readonly wall: Clock;
}

export function createFront(options: SandboxOptions, parts: FrontParts): Front {
  const { growing, engine, rolling, keyring, journal, wall } = parts;
  const { world, clock, replay } = growing;
  const limits = limitsOf(options, wall);
  const faults = new FaultInjector({ world, engine });
  faults.plan.replace(options.faults ?? { rules: [] });
  const stats = new Stats(wall);
  const time = new Timekeeper({ clock, wall, rolling, engine });
  const control = new Control({
    ...{ world, engine, limits, faults: faults.plan, stats },
    time: replay ?? time,
    clock: replay?.pace ?? clock,
    replay: replay === null ? undefined : () => ({ ...replay.replay.progress() }),
    connections: () => channels.connections(),
    operated: (ticker) => journal?.marketChanged(ticker),
  });
  const exchange = createRestServer({
    ...{ keyring, limits, world, faults, stats },
    router: createSurface({ growing, engine, limits, keyring, dataAsOf: (userId) => faults.dataAsOf(userId) }),
    latencyMs: options.latencyMs ?? 0,
    commit: (userId) => journal?.commit(userId),
    log: (entry) => control.note(entry),
  });
  const channels = attachChannels(exchange, {
    ...{ world, engine, wall },
    path: SOCKET_PATH,
    authenticate: (headers, method, path) => keyring.verifyHandshake(headers, method, path),
    faults: replay === null ? faults.frames : replay.refusing(faults.frames),
    log: options.frameLog === undefined ? undefined : openFrameLog(options.frameLog),
    maxConnections: options.maxConnections,
    maxMarkets: options.maxMarkets,
  });
  keyring.on((change) => change.type === "removed" && channels.revoke(change.keyId));
  return { exchange, control: control.server(), channels, time };
}

function limitsOf({ unsignedPerSecond: rate, tier = "premier" }: SandboxOptions, wall: Clock): Limits {
  const unsigned = rate === undefined ? UNSIGNED : { rate, capacity: 3 * rate };
  return new Limits({ tier, wall, unsigned });
}
