import type { Client } from "../../client/http.js";
import { KalshiError } from "../../errors.js";
import { getApiKeys } from "../../exchange/operations/api-keys.js";
import { DAY, formatTime, type Timestamp } from "../../units/time.js";
import { anew } from "./refusal.js";
import { type Found, finding, type Steps } from "./step.js";

/** What the exchange tells of a key, and of the account's attestation of its place. */
export interface Rights {
  /** Null when the key is not among those listed. */
  readonly scopes: readonly string[] | null;
  /** The only subaccount it may use; null when it may use all. */
  readonly subaccount: number | null;
  /** When the attestation lapses; null when there never was one. */
  readonly attestedUntil: Timestamp | null;
}

const WARN_BEFORE = 14 * DAY;
const LOCKED = /sub-?account/i;

/**
 * Tells what the key may do and how long the attestation of the account's place holds. Nothing is written to find that out.
 *
 * @returns what keeps the key from reading the portfolio, or null
 * @see API: 2.4 Key management
 */
export async function tellRights(
  client: Client,
  keyId: string,
  forbidden: KalshiError | null,
  wants: { readonly trading: boolean; readonly now: Timestamp },
  steps: Steps,
): Promise<KalshiError | null> {
  const rights = await readRights(client, keyId);
  if (forbidden !== null) {
    const known = rights instanceof KalshiError ? null : rights;
    const problem = steps.failed("scopes", nameForbidden(forbidden, keyId, known));
    if (known === null) steps.skipped("not told", "region");
    else steps.found("region", region(known, wants.now));
    return problem;
  }
  if (rights instanceof KalshiError) return tellUntold(rights, steps);
  for (const found of scopes(rights, wants.trading)) steps.found("scopes", found);
  steps.found("region", region(rights, wants.now));
  return null;
}

async function readRights(client: Client, keyId: string): Promise<Rights | KalshiError> {
  try {
    const { api_keys: keys, region_expiration_time: attestedUntil } = await getApiKeys(client);
    const own = keys.find((key) => key.api_key_id === keyId);
    return { scopes: own?.scopes ?? null, subaccount: own?.subaccount ?? null, attestedUntil };
  } catch (error) {
    return finding(error);
  }
}

/** A key that may not see the list can be good all the same; an exchange need not have one. */
function tellUntold(error: KalshiError, steps: Steps): KalshiError | null {
  if (error.code === "NOT_FOUND") {
    steps.skipped("this exchange does not list keys", "scopes", "region");
    return null;
  }
  if (error.code !== "FORBIDDEN") {
    steps.failed("scopes", error);
    steps.skipped("not told", "region");
    return error;
  }
  const locked = LOCKED.test(String(error.context.message));
  steps.found("scopes", {
    found: locked ? "the key is locked to one subaccount, and may not list keys" : "the key may not list keys",
    hint: locked ? "it sees and trades that subaccount alone" : "a key with the scope `read` tells what it may do",
  });
  steps.skipped("not told", "region");
  return null;
}

function scopes({ scopes: own, subaccount }: Rights, trading: boolean): readonly Found[] {
  if (own === null) return [{ found: "the exchange lists other keys of the account, but not this one" }];
  const named = own.join(", ");
  const found: Found[] = [];
  if (mayTrade(own)) found.push({ found: named });
  else if (!trading) found.push({ found: `${named}; orders would need \`write\`` });
  else {
    const hint = "orders will be refused with 403: make a key with the scopes `read` and `write`";
    found.push({ found: `${named}; \`write\` is missing`, hint });
  }
  if (subaccount !== null) {
    const hint = "it sees and trades that one alone; for the rest of the account use a key without the lock";
    found.push({ found: `the key is locked to subaccount ${subaccount}`, hint });
  }
  return found;
}

function region(rights: Rights, now: Timestamp): Found {
  const { attestedUntil: until } = rights;
  const what = "without it API keys may not trade sports, elections and entertainment";
  const attest = "attest the account's location on the exchange's page";
  // Who only reads needs no attestation.
  const hint = rights.scopes === null || mayTrade(rights.scopes) ? attest : undefined;
  if (until === null) return { found: `the account's location was never attested; ${what}`, hint };
  const date = formatTime(until).slice(0, 10);
  if (until <= now) return { found: `the attestation of the account's location lapsed on ${date}; ${what}`, hint };
  const found = `the account's location is attested until ${date}`;
  if (until - now >= WARN_BEFORE) return { found };
  return { found: `${found}, ${Math.floor((until - now) / DAY)} days from now; ${what}`, hint };
}

function mayTrade(own: readonly string[]): boolean {
  return own.includes("write") || own.includes("write::trade");
}

/** What a 403 on the portfolio comes from, as far as the exchange tells. */
function nameForbidden(error: KalshiError, keyId: string, rights: Rights | null): KalshiError {
  const may = `the key id ${keyId} may not read the portfolio`;
  const own = rights?.scopes ?? null;
  if (own !== null && !own.includes("read") && !own.includes("read::portfolio_balance")) {
    const hint = "make a key with the scope `read`; for orders also `write`";
    return anew(error, `${may}: its scopes are ${own.join(", ") || "none"}, and \`read\` is missing`, hint, {
      scopes: own,
      missing: "read",
    });
  }
  if ((rights?.subaccount ?? null) !== null || LOCKED.test(String(error.context.message))) {
    const which = rights?.subaccount ?? null;
    const what = `${may}: it is locked to ${which === null ? "one subaccount" : `subaccount ${which}`}`;
    return anew(error, what, "use a key without the lock to a subaccount", { subaccount: which });
  }
  return anew(
    error,
    may,
    "use a key with the scope `read`, without a subaccount lock, and with a valid region attestation",
    { scopes: own },
  );
}
