import { randomUUID } from "node:crypto";
import { KalshiError } from "../errors.js";
import { DOLLAR, type Price } from "../units/price.js";
import { type Clock, formatTime, parseTime } from "../units/time.js";
import { Keyring } from "./auth.js";
import { attachChannels } from "./channels.js";
import { sandboxClock, wallClock } from "./clock.js";
import { Control } from "./control.js";
import { loadDataWorld } from "./data-world.js";
import { createEngine, type Engine } from "./engine.js";
import { addSandboxSeries, DEFAULT_START, type Growing, generateWorld } from "./generate.js";
import { type KeyType, keepKey, makeKey } from "./keys.js";
import { Limits, type Tier, tierNames, UNSIGNED } from "./limits.js";
import { type Listening, LOOPBACK, listen } from "./listen.js";
import { portfolioRoutes } from "./portfolio.js";
import { QuoteHistory } from "./quotes.js";
import { Rolling } from "./rolling.js";
import { Router } from "./router.js";
import { publicRoutes } from "./routes-public.js";
import { createRestServer, REST_PREFIX, SOCKET_PATH } from "./server.js";
import type { AccountRef, Route } from "./types.js";
import type { MemoryWorld } from "./world.js";

export interface SandboxOptions {
  /** Of REST and WebSocket; 0 or absent for any free one. */
  readonly port?: number | undefined;
  readonly controlPort?: number | undefined;
  /** A folder of real records to serve, beside the series `SANDBOX`. */
  readonly data?: string | undefined;
  /** Boundary between the tiers, RFC 3339, floored to midnight UTC; only with `data`. */
  readonly cutoff?: string | undefined;
  /** What the generated world is made from. */
  readonly seed?: string | undefined;
  /** Where the sandbox's own clock starts, RFC 3339. */
  readonly clock?: string | undefined;
  /** How many times as fast as the wall it runs. */
  readonly speed?: number | undefined;
  /** Decides the token buckets; `premier` when absent. */
  readonly tier?: Tier | undefined;
  /** Added before every answer, in milliseconds. */
  readonly latencyMs?: number | undefined;
  readonly keyType?: KeyType | undefined;
  /** Unsigned requests per second that one address may make; three times as many at once. */
  readonly unsignedPerSecond?: number | undefined;
  /** Money of the first account at the start, in micro-dollars. */
  readonly balance?: Price | undefined;
  /** What stands for wall time: signatures, tokens, and the pace of the sandbox's clock. */
  readonly wall?: Clock | undefined;
}

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

const DEFAULT_SEED = "kalshi-lab";
const DEFAULT_BALANCE: Price = 10_000 * DOLLAR;

/**
 * Starts a sandbox exchange in this process, on loopback.
 *
 * @throws KalshiError `PORT_IN_USE`, `BAD_ARGUMENT`, `BAD_TIME`; with `data` also `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkOptions(options);
  const wall = options.wall ?? wallClock;
  const key = makeKey(options.keyType ?? "rsa");
  const { world, plans } = await makeWorld(options, wall);
  const engine = createEngine({ world, seed: world.seed });
  const keyring = new Keyring(wall);
  const limits = new Limits({ tier: options.tier ?? "premier", wall, unsigned: unsignedSize(options) });
  const control = new Control(world, engine);
  const routes: Route[] = [];
  const books = engine;
  routes.push(...publicRoutes({ world, books, quotes: new QuoteHistory(world, books) }, limits, () => routes));
  routes.push(...portfolioRoutes(engine));
  const server = createRestServer({
    router: new Router(routes),
    keyring,
    limits,
    world,
    latencyMs: options.latencyMs ?? 0,
    log: (entry) => control.note(entry),
  });
  const channels = attachChannels(server, {
    path: SOCKET_PATH,
    authenticate: (headers, method, path) => keyring.verifyHandshake(headers, method, path),
    world,
    engine,
  });
  const open = (publicKey: string, balance: Price): AccountRef => {
    const account = { userId: randomUUID(), keyId: randomUUID() };
    keyring.add(account, publicKey);
    return engine.addAccount({ ...account, balance });
  };
  const { publicKey, privateKey } = await key;
  const account = open(publicKey, options.balance ?? DEFAULT_BALANCE);
  const listening: Listening[] = [await listen(server, options.port ?? 0)];
  try {
    listening.push(await listen(control.server(), options.controlPort ?? 0));
  } catch (error) {
    await listening[0]?.close();
    throw error;
  }
  const kept = await keepKey(privateKey);
  const rolling = new Rolling({ world, plans });
  rolling.start();
  engine.start();
  const address = `${LOOPBACK}:${listening[0]?.port}`;
  return {
    ready: {
      rest_url: `http://${address}${REST_PREFIX}`,
      ws_url: `ws://${address}${SOCKET_PATH}`,
      control_url: `http://${LOOPBACK}:${listening[1]?.port}`,
      key_id: account.keyId,
      private_key_path: kept.path,
      now: formatTime(world.clock.now()),
      pid: process.pid,
    },
    privateKey,
    world,
    engine,
    addKey: (publicKeyPem, { balance = DEFAULT_BALANCE } = {}) => open(publicKeyPem, balance),
    async close() {
      rolling.stop();
      engine.stop();
      channels.close();
      await Promise.all(listening.map((one) => one.close()));
      await kept.remove();
    },
  };
}

async function makeWorld(options: SandboxOptions, wall: Clock): Promise<Growing> {
  const seed = options.seed ?? DEFAULT_SEED;
  const start = options.clock === undefined ? undefined : parseTime(options.clock);
  const speed = options.speed ?? 1;
  if (options.data === undefined) return generateWorld(seed, sandboxClock(start ?? DEFAULT_START, speed, wall));
  const world = await loadDataWorld({
    folder: options.data,
    cutoff: options.cutoff,
    seed,
    clockFrom: (end) => sandboxClock(start ?? end, speed, wall),
  });
  return { world, plans: [addSandboxSeries(world)] };
}

function unsignedSize({ unsignedPerSecond }: SandboxOptions) {
  return unsignedPerSecond === undefined ? UNSIGNED : { rate: unsignedPerSecond, capacity: 3 * unsignedPerSecond };
}

function checkOptions(options: SandboxOptions): void {
  const wrong = (name: string, found: unknown, hint: string) =>
    new KalshiError("BAD_ARGUMENT", `${name} of the sandbox cannot be ${JSON.stringify(found)}`, {
      hint,
      context: { [name]: found },
    });
  const { speed, latencyMs, tier } = options;
  if (speed !== undefined && !(speed > 0 && speed <= 1_000_000)) throw wrong("speed", speed, "give a number above 0");
  if (latencyMs !== undefined && !(latencyMs >= 0)) throw wrong("latency", latencyMs, "give milliseconds from 0 on");
  if (tier !== undefined && !tierNames.includes(tier)) throw wrong("tier", tier, `give one of ${tierNames.join(", ")}`);
  for (const port of [options.port, options.controlPort]) {
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw wrong("port", port, "give a port from 1 to 65535, or 0 for any free one");
    }
  }
}
