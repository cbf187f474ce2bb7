import { apiKey } from "../api-key.js";
import { always, maybe } from "../field.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { secret } from "../secret.js";
import { list, nothing, object } from "../shape.js";

const newKey = {
  name: needs("text"),
  scopes: takes("repeated"),
  subaccount: takes("integer", [0, 63]),
  fcm_subtrader_id: takes("text"),
};
const id = always("uuid", "api_key_id", "the key's id, as requests carry it");
const warning = maybe("text", "warning", "what the exchange has to say about it");

/** The account's API keys. @see GET /api_keys */
export const getApiKeys = operation({
  id: "GetApiKeys",
  method: "GET",
  path: "/api_keys",
  access: "signed",
  query: { fcm_subtrader_id: takes("text") },
  answer: object({
    api_keys: list(apiKey),
    region_expiration_time: maybe(
      "time",
      "api_key_region_expiration_ts",
      "when the account's location must be attested again",
      "seconds",
    ),
  }),
});

/** Makes known a public key of one's own, PEM; Premier and above. @see POST /api_keys */
export const createApiKey = operation({
  id: "CreateApiKey",
  method: "POST",
  path: "/api_keys",
  access: "signed",
  body: { ...newKey, public_key: needs("text") },
  answer: object({ api_key_id: id, warning }),
  writes: true,
});

/**
 * Has the exchange make a key pair, `key_type` `rsa` or `ed25519`. The private key comes this once, as a {@link Secret} to be revealed
 * and saved. @see POST /api_keys/generate
 */
export const generateApiKey = operation({
  id: "GenerateApiKey",
  method: "POST",
  path: "/api_keys/generate",
  access: "signed",
  body: { ...newKey, key_type: takes("text") },
  answer: object({
    api_key_id: id,
    private_key: secret,
    key_type: maybe("text", "key_type", "`rsa` or `ed25519`"),
    warning,
  }),
  writes: true,
});

/** Ends a key. @see DELETE /api_keys/{api_key} */
export const deleteApiKey = operation({
  id: "DeleteApiKey",
  method: "DELETE",
  path: "/api_keys/{api_key}",
  access: "signed",
  inPath: { api_key: needs("text") },
  answer: nothing,
  writes: true,
});
