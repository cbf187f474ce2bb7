import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { isLoopback } from "../client/http.js";
import { KalshiError, messageOf } from "../errors.js";
import { isMissing } from "../store/checkpoint.js";

type Variables = Record<string, string | undefined>;

/** Names in a configuration file, and the variables that they stand for. */
const settings: Readonly<Record<string, string>> = {
  env: "KALSHI_ENV",
  restUrl: "KALSHI_REST_URL",
  wsUrl: "KALSHI_WS_URL",
  keyId: "KALSHI_API_KEY_ID",
  privateKeyPath: "KALSHI_PRIVATE_KEY_PATH",
  tokenShare: "KALSHI_TOKEN_SHARE",
  library: "KALSHI_LIBRARY_DIR",
  cache: "KALSHI_CACHE",
  cacheDir: "KALSHI_CACHE_DIR",
};

/** The configuration file of a working folder. */
export const PROJECT_FILE = "kalshi-lab.json";

const keyNames = ["KALSHI_API_KEY_ID", "KALSHI_PRIVATE_KEY", "KALSHI_PRIVATE_KEY_PATH"];

/** A file that settings come from, and which. */
export interface Source {
  readonly path: string;
  /** Names of variables; never what they hold. */
  readonly names: readonly string[];
}

/**
 * Fills the variables that are not set from files: `.env` of the working folder, then its `kalshi-lab.json`, then the user's own
 * `config.json`; flags of a command count more than any. Only names that begin with `KALSHI_` are taken from `.env`.
 *
 * Which host a key is used at is not for any folder to say that one happens to stand in: its files name another than this machine or the
 * exchange's own only together with the key.
 *
 * @returns where settings were taken from
 * @throws KalshiError `FILE_UNREADABLE`, `BAD_ARGUMENT`; neither tells what a file holds
 */
export function loadSettings(folder: string, variables: Variables): readonly Source[] {
  const sources: Source[] = [];
  /** Variables that files of the working folder have set, and which file. */
  const ofFolder = new Map<string, string>();
  for (const [path, read] of [
    [join(folder, ".env"), readEnvFile],
    [join(folder, PROJECT_FILE), readConfig],
    [userFile(variables), readConfig],
  ] as const) {
    const text = readText(path);
    if (text === null) continue;
    const found = Object.entries(read(path, text)).filter(([name]) => variables[name] === undefined);
    if (path !== userFile(variables)) for (const [name] of found) ofFolder.set(name, path);
    for (const [name, value] of found) variables[name] = value;
    sources.push({ path, names: found.map(([name]) => name) });
  }
  const isOwnKey = keyNames.some((name) => variables[name] !== undefined && !ofFolder.has(name));
  for (const name of isOwnKey ? ["KALSHI_REST_URL", "KALSHI_WS_URL"] : []) {
    const path = ofFolder.get(name);
    if (path !== undefined && !isKnownHost(variables[name]!)) throw strangeHost(path, name);
  }
  return sources;
}

/** This machine, or the exchange's own. What is no URL is refused where it is used. */
function isKnownHost(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : "localhost";
  return isLoopback(host) || /(^|\.)kalshi\.(com|co)$/.test(host);
}

function strangeHost(path: string, name: string): KalshiError {
  return new KalshiError(
    "BAD_ARGUMENT",
    `${path} names a host that is not the exchange's, and your key is not from that folder`,
    {
      hint: `nothing was sent; if it is meant, give ${name === "KALSHI_REST_URL" ? "--rest-url" : "--ws-url"} or set ${name} by hand`,
      context: { path, name },
    },
  );
}

/** The user's own configuration file. */
export function userFile({ XDG_CONFIG_HOME: home = "", HOME: user = homedir() }: Variables): string {
  return join(home === "" ? join(user, ".config") : home, "kalshi-lab", "config.json");
}

function readEnvFile(_path: string, text: string): Record<string, string> {
  const found = Object.entries(parseEnv(text)).filter(([name]) => name.startsWith("KALSHI_"));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? ""]));
}

function readConfig(path: string, text: string): Record<string, string> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // The engine's message repeats what stands there, which may be a key.
    throw new KalshiError("FILE_UNREADABLE", `${path} is not JSON`, {
      hint: `write an object such as {"env": "production", "library": "/data/kalshi"}`,
      context: { path },
    });
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw bad(path, "it is no object");
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => {
      if (!Object.hasOwn(settings, name)) throw bad(path, `it has no setting ${JSON.stringify(name)}`);
      if (typeof value !== "string" && typeof value !== "number") throw bad(path, `\`${name}\` is no text`);
      return [settings[name]!, String(value)];
    }),
  );
}

function bad(path: string, what: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${path}: ${what}`, {
    hint: `settings are ${Object.keys(settings).join(", ")}; a private key is named by its path, never written here`,
    context: { path },
  });
}

function readText(path: string): string | null {
  if (!existsSync(path)) return null;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
      hint: "check its permissions, or remove it",
      context: { path },
    });
  }
}
