import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { Price } from "../units/price.js";
import { type Clock, formatTime, parseTime, startOfDay, type Timestamp } from "../units/time.js";
import { Control } from "./control/control.js";
import { createEngine, type Engine } from "./engine/engine.js";
import { FaultInjector } from "./faults/fault-injector.js";
import { keepKey, makeKey } from "./keys.js";
import { type Listening, LOOPBACK, listen } from "./listen.js";
import { Keyring } from "./rest/auth.js";
import { Limits, UNSIGNED } from "./rest/limits.js";
import { Router } from "./rest/router.js";
import { portfolioRoutes } from "./rest/routes-portfolio.js";
import { publicRoutes } from "./rest/routes-public.js";
import { createRestServer, REST_PREFIX, SOCKET_PATH } from "./rest/server.js";
import { Stats } from "./rest/stats.js";
import { checkOptions, DEFAULT_BALANCE, DEFAULT_SEED, type SandboxOptions } from "./sandbox-options.js";
import { attachChannels } from "./socket/channels.js";
import type { AccountRef, Route } from "./types.js";
import { addBulkSeries } from "./world/bulk-series.js";
import { SandboxClock, wallClock } from "./world/clock.js";
import { loadDataWorld } from "./world/data-world.js";
import { addSandboxSeries, DEFAULT_START, type Growing, generateWorld } from "./world/generate.js";
import { QuoteHistory } from "./world/quotes.js";
import { Random } from "./world/random.js";
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
  /** Opens another account for a public key. @throws KalshiError `KEY_UNREADABLE` */
  addKey(publicKeyPem: string, options?: { readonly balance?: Price }): AccountRef;
  close(): Promise<void>;
}

/**
 * Starts a sandbox exchange in this process, on loopback.
 *
 * @throws KalshiError `PORT_IN_USE`, `BAD_ARGUMENT`, `BAD_TIME`; with `data` also `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkOptions(options);
  const wall = options.wall ?? wallClock;
  // The search for primes runs beside the making of the world.
  const [key, growing] = await Promise.all([makeKey(options.keyType ?? "rsa"), makeWorld(options)]);
  const { world, clock } = growing;
  const engine = createEngine({ world, seed: world.seed });
  const keyring = new Keyring(wall);
  const users = new Random(`${world.seed}/users`);
  const open = (publicKey: string, balance: Price, past: boolean) => {
    // Who holds an account belongs to the world; the name of the key that opens it does not.
    const account = { userId: users.uuid(), keyId: randomUUID() };
    keyring.add(account, publicKey);
    return engine.addAccount({ ...account, balance, past });
  };
  const balance = options.balance ?? DEFAULT_BALANCE;
  const { keyId } = open(key.publicKey, balance, true);
  clock.go(options.speed ?? 1, wall);

  const limits = limitsOf(options, wall);
  const faults = new FaultInjector(world);
  faults.plan.replace(options.faults ?? { rules: [] });
  const stats = new Stats(wall);
  const control = new Control({ world, engine, limits, faults: faults.plan, stats });
  const server = createRestServer({
    router: routerOf(world, engine, limits),
    keyring,
    limits,
    world,
    latencyMs: options.latencyMs ?? 0,
    faults,
    stats,
    log: (entry) => control.note(entry),
  });
  const channels = attachChannels(server, {
    path: SOCKET_PATH,
    authenticate: (headers, method, path) => keyring.verifyHandshake(headers, method, path),
    world,
    engine,
    wall,
  });
  const kept = await keepKey(key.privateKey);
  const [main, side] = await listenBoth(server, options.port ?? 0, control.server(), options.controlPort ?? 0).catch(
    async (error: unknown) => {
      await kept.remove();
      throw error;
    },
  );
  const rolling = new Rolling(growing);
  rolling.start();
  engine.start();
  return {
    ready: {
      rest_url: `http://${LOOPBACK}:${main.port}${REST_PREFIX}`,
      ws_url: `ws://${LOOPBACK}:${main.port}${SOCKET_PATH}`,
      control_url: `http://${LOOPBACK}:${side.port}`,
      key_id: keyId,
      private_key_path: kept.path,
      now: formatTime(world.clock.now()),
      pid: process.pid,
    },
    privateKey: key.privateKey,
    world,
    engine,
    addKey: (publicKey, money = {}) => open(publicKey, money.balance ?? balance, false),
    async close() {
      rolling.stop();
      engine.stop();
      channels.close();
      await Promise.all([main.close(), side.close(), kept.remove()]);
    },
  };
}

/** A world whose clock stands at its start. */
async function makeWorld(options: SandboxOptions): Promise<Growing & { readonly clock: SandboxClock }> {
  const { seed = DEFAULT_SEED, data, cutoff, bulkTrades } = options;
  const given = options.clock === undefined ? null : parseTime(options.clock);
  let clock = new SandboxClock(given ?? DEFAULT_START);
  const clockFrom = (end: Timestamp) => {
    clock = new SandboxClock(given ?? end);
    return clock;
  };
  const growing =
    data === undefined
      ? generateWorld(seed, clock)
      : await loadDataWorld({ folder: data, cutoff, seed, clockFrom }).then(withSandboxSeries);
  const { world } = growing;
  if (bulkTrades !== undefined) addBulkSeries(world, bulkTrades);
  const boundary = cutoff === undefined ? null : startOfDay(parseTime(cutoff));
  world.nameAfter([seed, world.content, boundary, clock.start, bulkTrades ?? 0], clock.start);
  return { ...growing, clock };
}

function withSandboxSeries(world: MemoryWorld): Growing {
  return { world, plans: [addSandboxSeries(world)] };
}

function limitsOf({ unsignedPerSecond: rate, tier = "premier" }: SandboxOptions, wall: Clock): Limits {
  const unsigned = rate === undefined ? UNSIGNED : { rate, capacity: 3 * rate };
  return new Limits({ tier, wall, unsigned });
}

function routerOf(world: MemoryWorld, engine: Engine, limits: Limits): Router {
  const side = { world, books: engine, quotes: new QuoteHistory(world, engine) };
  const routes: Route[] = [];
  routes.push(...publicRoutes(side, limits, () => routes), ...portfolioRoutes(engine));
  return new Router(routes);
}

/** Both or none: a port taken for the one does not leave the other listening. */
async function listenBoth(
  server: Server,
  port: number,
  control: Server,
  controlPort: number,
): Promise<[Listening, Listening]> {
  const main = await listen(server, port);
  try {
    return [main, await listen(control, controlPort)];
  } catch (error) {
    await main.close();
    throw error;
  }
}
