import { messageOf } from "../errors.js";
import type { Price } from "../units/price.js";
import { type Clock, formatTime } from "../units/time.js";
import type { Timekeeper } from "./control/clock-operations.js";
import { createEngine, type Engine } from "./engine/engine.js";
import { createFront } from "./front.js";
import { createHolders } from "./holders.js";
import { type KeyPem, keepKey, keyIn, makeKey } from "./keys.js";
import { LOOPBACK, listenBoth, urlHost } from "./listen.js";
import type { OpenReplay } from "./replay/open-replay.js";
import { Keyring } from "./rest/auth.js";
import { REST_PREFIX, SOCKET_PATH } from "./rest/server.js";
import { checkOptions, DEFAULT_BALANCE, type SandboxOptions } from "./sandbox-options.js";
import { openState, restoreState } from "./sandbox-state.js";
import { makeWorld } from "./sandbox-world.js";
import type { Channels } from "./socket/channels.js";
import type { StateFolder } from "./state/state.js";
import type { AccountRef } from "./types.js";
import { wallClock } from "./world/clock.js";
import { Rolling } from "./world/rolling.js";
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
  const state = openState(options);
  try {
    return await start(options, wall, state);
  } catch (error) {
    state?.release();
    throw error;
  }
}

async function start(options: SandboxOptions, wall: Clock, state: StateFolder | null): Promise<Sandbox> {
  const { keyType = "rsa", balance = DEFAULT_BALANCE, host = LOOPBACK, speed = 1, precision } = options;
  // The search for primes runs beside the making of the world.
  const [key, growing] = await Promise.all([
    options.state === undefined ? makeKey(keyType) : keyIn(options.state, keyType),
    makeWorld(options),
  ]);
  const { world, clock, replay } = growing;
  const accounts = createEngine({ world, seed: world.seed, weeklyPause: options.weeklyPause !== false });
  const engine = replay === null ? accounts : replay.engine(accounts);
  const rolling = new Rolling(growing);
  const keyring = new Keyring(wall);
  const holders = createHolders({ seed: world.seed, engine, keyring, precision });
  for (const holder of state?.past?.holders ?? []) holders.restore(holder);
  const { keyId } = holders.all[0] ?? holders.open(key.publicKey, balance, replay === null);
  restoreState(state, { world, clock, rolling, engine });
  const journal = (await state?.keep(engine, world, holders.all)) ?? null;
  keyring.on((change) => journal?.keyChanged(change));
  if (typeof speed !== "string" && replay === null) clock.go(speed, wall);

  const front = createFront(options, { growing, engine, rolling, keyring, journal, wall });
  const kept = placeOf(key);
  const { main, side } = await listenBoth(front.exchange, front.control, options).catch(async (error: unknown) => {
    await kept.remove();
    journal?.close();
    throw error;
  });
  const close = async () => {
    replay?.replay.stop();
    rolling.stop();
    engine.stop();
    front.channels.close();
    journal?.close();
    await Promise.all([main.close(), side.close(), kept.remove()]);
  };
  try {
    if (replay !== null) await play(replay, front.channels);
    rolling.start();
    engine.start();
  } catch (error) {
    await close();
    throw error;
  }
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
    time: front.time,
    addKey(publicKey, money = {}) {
      const account = holders.open(publicKey, money.balance ?? balance, false);
      journal?.commit(account.userId);
      return account;
    },
    close,
  };
}

/** Begins to play a recording to whoever is connected; resolves once readers can be served. */
async function play(replay: OpenReplay, channels: Channels): Promise<void> {
  await replay.start({
    pending: () => Math.max(0, ...channels.connections().map(({ pending }) => pending)),
    isAnybody: () => channels.connections().some((connection) => connection.subscriptions().length > 0),
    cut() {
      for (const connection of channels.connections()) connection.cut();
    },
    onError: (error) => process.emitWarning(`the replay has ended: ${messageOf(error)}`),
  });
}

/** The file of the first key; one in a state folder stays there. */
function placeOf(key: KeyPem & { readonly path?: string }): { readonly path: string; remove(): Promise<void> } {
  return key.path === undefined ? keepKey(key.privateKey) : { path: key.path, remove: async () => undefined };
}
