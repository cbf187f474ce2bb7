import { always, maybe } from "./field.js";
import { list, object, text } from "./shape.js";

/** An API key of the account, without its secret. @see API: GET /api_keys */
export const apiKey = object({
  api_key_id: always("uuid", "api_key_id", "the key's id, as requests carry it"),
  name: always("text", "name", "what its owner calls it"),
  scopes: list(text),
  subaccount: maybe("integer", "subaccount", "the only subaccount it may use"),
  fcm_subtrader_id: maybe("text", "fcm_subtrader_id", "the only customer of a clearing member it may act for"),
});

export type ApiKey = ReturnType<typeof apiKey.parse>;
