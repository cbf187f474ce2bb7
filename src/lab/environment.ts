import type { Credentials } from "../client/signing.js";
import { KalshiError } from "../errors.js";

export type Environment = "sandbox" | "demo" | "production";

/** How to reach an exchange, as a caller or the command line gives it; the rest comes from the environment variables. */
export interface ConnectOptions {
  /** Default: `KALSHI_ENV`, else the sandbox. */
  readonly env?: Environment | undefined;
  /** Default: `KALSHI_REST_URL`, else the environment's host. */
  readonly restUrl?: string | undefined;
  /** Default: `KALSHI_WS_URL`, else the environment's host. */
  readonly wsUrl?: string | undefined;
  /** Default: `KALSHI_API_KEY_ID`. */
  readonly keyId?: string | undefined;
  /** PEM text. Default: `KALSHI_PRIVATE_KEY`. */
  readonly privateKey?: string | undefined;
  /** Default: `KALSHI_PRIVATE_KEY_PATH`. */
  readonly privateKeyPath?: string | undefined;
  /** Allows orders outside the sandbox. */
  readonly trading?: boolean | undefined;
  /**
   * For the embedded sandbox: flags of `kalshi-lab sandbox`, such as `["--data", "DIR"]`. Given, also empty, a sandbox is started even
   * where `KALSHI_REST_URL` names one that runs.
   */
  readonly sandbox?: readonly string[] | undefined;
  readonly timeoutMs?: number | undefined;
  /**
   * The part of the account's tokens that this program may spend, above 0 and up to 1. Default: `KALSHI_TOKEN_SHARE`, else all of them. Give
   * each of several programs on one account its part, and none is refused because of another.
   */
  readonly tokenShare?: number | undefined;
  /** Folder for what of history can no longer change, or false for none. Default: `KALSHI_CACHE_DIR`, else the system's place for caches. */
  readonly cache?: string | false | undefined;
  /** Gives up connecting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Where an exchange is, and with which key; null URLs mean a sandbox that is still to be started. */
export interface Target {
  readonly env: Environment;
  readonly restUrl: string | null;
  readonly wsUrl: string | null;
  readonly credentials: Credentials | null;
  readonly tokenShare: number;
}

const hosts: Readonly<Record<Exclude<Environment, "sandbox">, { restUrl: string; wsUrl: string }>> = {
  demo: {
    restUrl: "https://external-api.demo.kalshi.co/trade-api/v2",
    wsUrl: "wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2",
  },
  production: {
    restUrl: "https://external-api.kalshi.com/trade-api/v2",
    wsUrl: "wss://external-api-ws.kalshi.com/trade-api/ws/v2",
  },
};

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Decides where to connect, from options and variables. A sandbox without URLs is to be started by whoever connects; it brings its own key.
 *
 * @throws KalshiError `BAD_ARGUMENT`, `KEY_MISSING`
 */
export function readTarget(options: ConnectOptions, variables: Variables): Target {
  const env = readEnvironment(options.env ?? filled(variables.KALSHI_ENV) ?? "sandbox");
  const tokenShare = readShare(options.tokenShare ?? filled(variables.KALSHI_TOKEN_SHARE) ?? 1);
  // Whoever gives a sandbox its flags means one of his own, whatever the variables name.
  if (env === "sandbox" && options.sandbox !== undefined && options.restUrl === undefined)
    return { env, restUrl: null, wsUrl: null, credentials: null, tokenShare };
  const host = env === "sandbox" ? null : hosts[env];
  const restUrl = options.restUrl ?? filled(variables.KALSHI_REST_URL) ?? host?.restUrl ?? null;
  const wsUrl =
    options.wsUrl ?? filled(variables.KALSHI_WS_URL) ?? host?.wsUrl ?? (restUrl === null ? null : socketUrlOf(restUrl));
  // A key of the variables belongs to the real exchange and is not shown to a sandbox that we start ourselves.
  const credentials = env === "sandbox" && restUrl === null ? null : readCredentials(options, variables);
  return { env, restUrl, wsUrl, credentials, tokenShare };
}

function readCredentials(options: ConnectOptions, variables: Variables): Credentials | null {
  const keyId = options.keyId ?? filled(variables.KALSHI_API_KEY_ID);
  const given = options.privateKey !== undefined || options.privateKeyPath !== undefined;
  const privateKey = given ? options.privateKey : filled(variables.KALSHI_PRIVATE_KEY);
  const privateKeyPath = given ? options.privateKeyPath : filled(variables.KALSHI_PRIVATE_KEY_PATH);
  if (keyId === undefined && privateKey === undefined && privateKeyPath === undefined) return null;
  if (keyId === undefined) {
    throw new KalshiError("KEY_MISSING", "a private key is given, but no key id", {
      hint: "set KALSHI_API_KEY_ID, or pass keyId (--key-id)",
    });
  }
  // A path, when both are set, is the more deliberate of the two.
  return privateKeyPath === undefined ? { keyId, privateKey } : { keyId, privateKeyPath };
}

function readEnvironment(text: string): Environment {
  if (text === "sandbox" || text === "demo" || text === "production") return text;
  throw new KalshiError("BAD_ARGUMENT", `unknown environment ${JSON.stringify(text)}`, {
    hint: "use sandbox, demo or production (KALSHI_ENV, --env)",
    context: { env: text },
  });
}

function readShare(given: number | string): number {
  const share = Number(given);
  if (share > 0 && share <= 1) return share;
  throw new KalshiError("BAD_ARGUMENT", `not a share of the account's tokens: ${JSON.stringify(given)}`, {
    hint: "give a number above 0 and up to 1 (KALSHI_TOKEN_SHARE)",
    context: { share: given },
  });
}

/** The socket beside a REST base URL of the exchange's layout. */
function socketUrlOf(restUrl: string): string {
  return restUrl.replace(/^http/, "ws").replace(/\/trade-api\/v2\/?$/, "/trade-api/ws/v2");
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
