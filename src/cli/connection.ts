import type { Command } from "commander";
import type { ConnectOptions, Environment } from "../lab/environment.js";

/** The connection flags that every command of the exchange takes. */
export interface ConnectionFlags {
  readonly env?: string;
  readonly restUrl?: string;
  readonly wsUrl?: string;
  readonly keyId?: string;
  readonly privateKey?: string;
}

/** Adds the connection flags to a command. */
export function withConnection(command: Command): Command {
  return command
    .option("--env <name>", "sandbox, demo or production (KALSHI_ENV; default sandbox)")
    .option("--rest-url <url>", "REST base URL with its prefix (KALSHI_REST_URL)")
    .option("--ws-url <url>", "WebSocket URL (KALSHI_WS_URL)")
    .option("--key-id <id>", "API key id (KALSHI_API_KEY_ID)")
    .option("--private-key <path>", "path of the private key (KALSHI_PRIVATE_KEY_PATH)");
}

/** The flags as options of `connect`. The environment's name is checked there. */
export function connectionOf(flags: ConnectionFlags): ConnectOptions {
  return {
    env: flags.env as Environment | undefined,
    restUrl: flags.restUrl,
    wsUrl: flags.wsUrl,
    keyId: flags.keyId,
    privateKeyPath: flags.privateKey,
  };
}
