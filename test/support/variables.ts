import type { ReadyInfo, Sandbox } from "../../src/sandbox/sandbox.js";

/** What another process needs in its environment to reach a running sandbox as its first account. */
export function variablesOf({ ready }: Sandbox): Record<string, string> {
  return {
    KALSHI_ENV: "sandbox",
    KALSHI_REST_URL: ready.rest_url,
    KALSHI_WS_URL: ready.ws_url,
    KALSHI_API_KEY_ID: ready.key_id,
    KALSHI_PRIVATE_KEY_PATH: ready.private_key_path,
    KALSHI_PRIVATE_KEY: "",
  };
}

/** The same as flags of a command. */
export function connectionFlags({ rest_url, ws_url, key_id, private_key_path }: ReadyInfo): string[] {
  return ["--rest-url", rest_url, "--ws-url", ws_url, "--key-id", key_id, "--private-key", private_key_path];
}

/** The same variables unset: the process starts a sandbox of its own. */
export const ownSandbox: Readonly<Record<string, string>> = {
  KALSHI_ENV: "",
  KALSHI_REST_URL: "",
  KALSHI_WS_URL: "",
  KALSHI_API_KEY_ID: "",
  KALSHI_PRIVATE_KEY_PATH: "",
  KALSHI_PRIVATE_KEY: "",
};
