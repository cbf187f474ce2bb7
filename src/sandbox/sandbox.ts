import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { messageOf } from "../errors.js";
import type { Price } from "../units/price.js";
import { type Clock, formatTime, parseTime, startOfDay, type Timestamp } from "../units/time.js";
import { Timekeeper } from "./control/clock-operations.js";
import { Control } from "./control/control.js";
import { createEngine, type Engine } from "./engine/engine.js";
import { FaultInjector } from "./faults/fault-injector.js";
import { type KeyPem, keepKey, keyIn, makeKey } from "./keys.js";
import { isLoopback, type Listening, LOOPBACK, listen, urlHost } from "./listen.js";
import { type OpenReplay, openReplay } from "./replay/open-replay.js";
import { Keyring } from "./rest/auth.js";
import { Limits, UNSIGNED } from "./rest/limits.js";
import { createRestServer, REST_PREFIX, SOCKET_PATH } from "./rest/server.js";
import { Stats } from "./rest/stats.js";
import { createSurface } from "./rest/surface.js";
import { checkOptions, DEFAULT_BALANCE, DEFAULT_SEED, type SandboxOptions } from "./sandbox-options.js";
import { attachChannels } from "./socket/channels.js";
import type { HolderRecord } from "./state/past.js";
import { StateFolder } from "./state/state.js";
import type { AccountRef, Json } from "./types.js";
import { SandboxClock, wallClock } from "./world/clock.js";
import { loadDataWorld } from "./world/data/data-world.js";
import { addSandboxSeries, DEFAULT_START, type Growing, generateWorld } from "./world/generate.js";
import { Random } from "./world/random.js";
import { Rolling } from "./world/rolling.js";
import { addBulkSeries } from "./world/series/bulk-series.js";
import { comboSeries } from "./world/series/combo-series.js";
import { addPastCombos } from "./world/series/generated-combos.js";
import type { MemoryWorld } from "./world/world.js";

export type { SandboxOptions } from "./sandbox-options.js";

/** What a client needs to know to connect. */
export interface ReadyInfo {
  readonly rest_url: string;
  readonly ws_url: string;
  readonly control_url: string;
  readonly key_id: string;
  readonly private_key_path: string;
  /** The sandbox's own clock, RFC 3339. */
  readonly now: string;
  readonly pid: number;
}

/** A running sandbox. `close` ends its connections and removes its key. */
export interface Sandbox {
  readonly ready: ReadyInfo;
  /** PEM of the first account's throwaway key. */
  readonly privateKey: string;
  readonly world: MemoryWorld;
  readonly engine: Engine;
  /** Moves the sandbox's own clock, and the world with it. */
  readonly time: Timekeeper;
  /** Opens another account for a public key. @throws KalshiError `KEY_UNREADABLE` */
  addKey(publicKeyPem: string, options?: { readonly balance?: Price }): AccountRef;
  close(): Promise<void>;
}

/**
 * Starts a sandbox exchange in this process, on loopback.
 *
 * @throws KalshiError `PORT_IN_USE`, `BAD_ARGUMENT`, `BAD_TIME`; with `data` also `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`;
 *   with `replay` also `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`; with `state` also `FOLDER_LOCKED`, `CHECKPOINT_MISMATCH`,
 *   `CHECKPOINT_DAMAGED`, `KEY_UNREADABLE`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkOptions(options);
  const wall = options.wall ?? wallClock;
  const state = options.state === undefined ? null : new StateFolder(options.state, worldOf(options));
  try {
    return await start(options, wall, state);
  } catch (error) {
    state?.release();
    throw error;
  }
}

async function start(options: SandboxOptions, wall: Clock, state: StateFolder | null): Promise<Sandbox> {
  const keyType = options.keyType ?? "rsa";
  // The search for primes runs beside the making of the world.
  const [key, growing] = await Promise.all([
    options.state === undefined ? makeKey(keyType) : keyIn(options.state, keyType),
    makeWorld(options),
  ]);
  const { world, clock, replay } = growing;
  const accounts = createEngine({ world, seed: world.seed, weeklyPause: options.weeklyPause !== false });
  const engine = replay === null ? accounts : replay.engine(accounts);
  const keyring = new Keyring(wall);
  const users = new Random(`${world.seed}/users`);
  const holders: HolderRecord["holder"][] = [];
  const open = (publicKey: string, balance: Price, past: boolean) => {
    // Who holds an account belongs to the world; the name of the key that opens it does not.
    const account = { userId: users.uuid(), keyId: randomUUID() };
    keyring.add(account, publicKey);
    holders.push({ ...account, publicKey });
    return engine.addAccount({ ...account, balance, past, precision: options.precision });
  };
  const balance = options.balance ?? DEFAULT_BALANCE;
  const rolling = new Rolling(growing);
  const past = state?.past ?? null;
  for (const holder of past?.holders ?? []) {
    users.uuid();
    keyring.add(holder, holder.publicKey);
    holders.push(holder);
    engine.addAccount({ ...holder, balance: 0, precision: options.precision });
  }
  const keyId = past?.holders[0]?.keyId ?? open(key.publicKey, balance, replay === null).keyId;
  if (past !== null && state !== null) {
    clock.putForward(past.now);
    rolling.step();
    state.restore(engine);
    if (state.cutBytes > 0) warnOfCut(state.cutBytes);
  }
  const journal = (await state?.keep(engine, clock, holders)) ?? null;
  if (typeof options.speed !== "string" && replay === null) clock.go(options.speed ?? 1, wall);

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
  });
  const server = createRestServer({
    router: createSurface({ growing, engine, limits, keyring }),
    keyring,
    limits,
    world,
    latencyMs: options.latencyMs ?? 0,
    faults,
    stats,
    commit: (userId) => journal?.commit(userId),
    log: (entry) => control.note(entry),
  });
  const channels = attachChannels(server, {
    path: SOCKET_PATH,
    authenticate: (headers, method, path) => keyring.verifyHandshake(headers, method, path),
    world,
    engine,
    faults: replay === null ? faults.frames : replay.refusing(faults.frames),
    wall,
  });
  const kept = await placeOf(key);
  const host = options.host ?? LOOPBACK;
  const [main, side] = await listenBoth(server, options, control.server()).catch(async (error: unknown) => {
    await kept.remove();
    journal?.close();
    throw error;
  });
  if (!isLoopback(host)) warnOfStrangers(host, main.port);
  await replay?.start({
    pending: () => Math.max(0, ...channels.connections().map(({ pending }) => pending)),
    isAnybody: () => channels.connections().some((connection) => connection.subscriptions().length > 0),
    cut() {
      for (const connection of channels.connections()) connection.cut();
    },
    onError: (error) => process.emitWarning(`the replay has ended: ${messageOf(error)}`),
  });
  rolling.start();
  engine.start();
  return {
    ready: {
      rest_url: `http://${urlHost(host)}:${main.port}${REST_PREFIX}`,
      ws_url: `ws://${urlHost(host)}:${main.port}${SOCKET_PATH}`,
      control_url: `http://${LOOPBACK}:${side.port}`,
      key_id: keyId,
      private_key_path: kept.path,
      now: formatTime(world.clock.now()),
      pid: process.pid,
    },
    privateKey: key.privateKey,
    world,
    engine,
    time,
    addKey(publicKey, money = {}) {
      const account = open(publicKey, money.balance ?? balance, false);
      journal?.addHolder({ ...account, publicKey });
      return account;
    },
    async close() {
      replay?.replay.stop();
      rolling.stop();
      engine.stop();
      channels.close();
      journal?.close();
      await Promise.all([main.close(), side.close(), kept.remove()]);
    },
  };
}

/** A world whose clock stands at its start. */
async function makeWorld(
  options: SandboxOptions,
): Promise<Growing & { readonly clock: SandboxClock; readonly replay: OpenReplay | null }> {
  if (options.replay !== undefined) {
    const replay = await openReplay(options.replay, options.speed ?? 1, options.seed ?? DEFAULT_SEED);
    const { world, clock } = replay;
    world.nameAfter(["replay", options.replay, clock.start, world.markets.size], clock.start);
    return { world, plans: [], clock, replay };
  }
  const { seed = DEFAULT_SEED, data, cutoff, bulkTrades } = options;
  const given = options.clock === undefined ? null : parseTime(options.clock);
  let clock = new SandboxClock(given ?? DEFAULT_START);
  const clockFrom = (end: Timestamp) => {
    clock = new SandboxClock(given ?? end);
    return clock;
  };
  const growing =
    data === undefined
      ? withCombos(generateWorld(seed, clock))
      : await loadDataWorld({ folder: data, cutoff, seed, clockFrom }).then(withSandboxSeries);
  const { world } = growing;
  if (bulkTrades !== undefined) addBulkSeries(world, bulkTrades);
  const boundary = cutoff === undefined ? null : startOfDay(parseTime(cutoff));
  world.nameAfter([seed, world.content, boundary, clock.start, bulkTrades ?? 0], clock.start);
  return { ...growing, clock, replay: null };
}

/** Real records have no combos, so a world of them has no series for any. */
function withCombos(growing: Growing): Growing {
  growing.world.addSeries(comboSeries);
  addPastCombos(growing.world);
  return growing;
}

function withSandboxSeries(world: MemoryWorld): Growing {
  return { world, plans: [addSandboxSeries(world)] };
}

function limitsOf({ unsignedPerSecond: rate, tier = "premier" }: SandboxOptions, wall: Clock): Limits {
  const unsigned = rate === undefined ? UNSIGNED : { rate, capacity: 3 * rate };
  return new Limits({ tier, wall, unsigned });
}

/** What a world is made from, as far as it decides what accounts can hold. */
function worldOf({ seed = DEFAULT_SEED, clock, data, cutoff, bulkTrades, precision }: SandboxOptions): Json {
  return [seed, clock ?? null, data ?? null, cutoff ?? null, bulkTrades ?? null, precision ?? null];
}

/** The file of the first key; one in a state folder stays there. */
async function placeOf(
  key: KeyPem & { readonly path?: string },
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  return key.path === undefined ? keepKey(key.privateKey) : { path: key.path, remove: async () => undefined };
}

function warnOfCut(bytes: number): void {
  process.emitWarning(`${bytes} bytes of an unfinished record were cut off the state, as a crash leaves them`, {
    code: "SANDBOX_STATE_CUT",
  });
}

function warnOfStrangers(host: string, port: number): void {
  process.emitWarning(
    `the sandbox listens on ${host}, port ${port}: whoever reaches this machine can talk to it. Its control port stays on loopback.`,
    { code: "SANDBOX_EXPOSED" },
  );
}

/** Both or none: a port taken for the one does not leave the other listening. */
async function listenBoth(
  server: Server,
  { port = 0, host, controlPort = 0 }: SandboxOptions,
  control: Server,
): Promise<[Listening, Listening]> {
  const main = await listen(server, port, host);
  try {
    return [main, await listen(control, controlPort)];
  } catch (error) {
    await main.close();
    throw error;
  }
}
