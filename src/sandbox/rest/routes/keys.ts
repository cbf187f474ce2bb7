import { randomUUID } from "node:crypto";
import { DAY, SECOND } from "../../../units/time.js";
import { makeKey } from "../../keys.js";
import type { JsonObject, Reply, Route, SandboxRequest } from "../../types.js";
import { notFound, ok, Refused, refusal } from "../../wire/replies.js";
import { wallClock } from "../../world/clock.js";
import type { KeyGrant } from "../api-key.js";
import type { Held, Keyring } from "../auth.js";
import { orBadKey, readKey, readNewKey } from "../key-body.js";
import type { Limits } from "../limits.js";
import { signer } from "./orders.js";
import { DEFAULT_COST } from "./routes.js";

/** How long the attestation of the account's place still holds. */
const ATTESTED_FOR = 90 * DAY;

/** An account's keys: their list, new ones, and their end. All of it is paid from the Read bucket, which has what is not about orders. */
export function keyRoutes(keyring: Keyring, limits: Limits): Route[] {
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({
    method,
    path,
    access: "signed",
    bucket: "read",
    cost: DEFAULT_COST,
    handle,
  });
  return [
    route("GET", "/api_keys", (request) => {
      const keys = keyring.keysOf(signer(request).userId);
      const until = Math.floor((wallClock.now() + ATTESTED_FOR) / SECOND);
      return ok({ api_key_region_expiration_ts: until, api_keys: keys.map(keyWire) });
    }),
    route("POST", "/api_keys", (request) => {
      if (!limits.isPremier(signer(request).userId)) {
        throw new Refused(refusal(403, "forbidden", "own public keys need the API usage level premier"));
      }
      const { grant, publicKey } = readKey(request.body);
      return created({ api_key_id: add(keyring, request, publicKey, grant) });
    }),
    route("POST", "/api_keys/generate", async (request) => {
      const { grant, type } = readNewKey(request.body);
      const { publicKey, privateKey } = await makeKey(type);
      const id = add(keyring, request, publicKey, grant);
      return created({ api_key_id: id, key_type: type, private_key: privateKey });
    }),
    route("DELETE", "/api_keys/:api_key", (request) => {
      const isGone = keyring.remove(signer(request).userId, request.params.api_key ?? "");
      return isGone ? { status: 204 } : notFound();
    }),
  ];
}

function add(keyring: Keyring, request: SandboxRequest, publicKey: string, grant: KeyGrant): string {
  const { userId } = signer(request);
  const keyId = randomUUID();
  const isNew = orBadKey(() => keyring.add({ userId, keyId }, publicKey, grant));
  if (!isNew) throw new Refused(refusal(409, "conflict", "this public key is in use"));
  return keyId;
}

function created(body: JsonObject): Reply {
  return { status: 201, body };
}

function keyWire({ keyId, grant }: Held): JsonObject {
  return { api_key_id: keyId, name: grant.name, scopes: grant.scopes, subaccount: grant.subaccount };
}
