import { constants, createPrivateKey, sign } from "node:crypto";
import type { Sandbox } from "../../src/sandbox/sandbox.js";

// Written apart from the client's own signer, so that a mistake in one does not hide one in the other.

export interface Key {
  readonly id: string;
  readonly pem: string;
}

/** The three headers for a call of now. */
export function signedHeaders(key: Key, method: string, path: string, now = Date.now()): Record<string, string> {
  const text = `${now}${method}${path}`;
  return {
    "KALSHI-ACCESS-KEY": key.id,
    "KALSHI-ACCESS-TIMESTAMP": String(now),
    "KALSHI-ACCESS-SIGNATURE": signatureOf(key.pem, text),
  };
}

/** RSA-PSS with a salt of 32 bytes, or Ed25519, as the key has it. */
export function signatureOf(pem: string, text: string): string {
  const key = createPrivateKey(pem);
  const data = Buffer.from(text);
  if (key.asymmetricKeyType === "ed25519") return sign(null, data, key).toString("base64");
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign("sha256", data, { key, padding, saltLength: 32 }).toString("base64");
}

/** An answer, its body in the shape that the test expects to find. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

type Loose = Readonly<Record<string, unknown>>;

/** An unsigned call below the REST prefix, GET unless `init` says otherwise. */
export async function get<Body = Loose>(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const response = await fetch(sandbox.ready.rest_url + path, init);
  const text = await response.text();
  const body = (text === "" ? undefined : JSON.parse(text)) as Body;
  return { status: response.status, body, text, headers: response.headers };
}

/** A GET signed by the first account, at `now` in wall milliseconds. */
export function getSigned<Body = Loose>(sandbox: Sandbox, path: string, now?: number): Promise<Answer<Body>> {
  const key = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
  const plain = `/trade-api/v2${path}`.split("?")[0] as string;
  return get(sandbox, path, { headers: signedHeaders(key, "GET", plain, now) });
}

/** Every row of a paged list, through the cursors, with the number of pages it took. */
export async function allPages<Row>(
  sandbox: Sandbox,
  path: string,
  key: string,
): Promise<{ readonly rows: Row[]; readonly pages: number }> {
  const rows: Row[] = [];
  let cursor = "";
  let pages = 0;
  do {
    const joint = path.includes("?") ? "&" : "?";
    const { status, body, text } = await getSigned<Record<string, Row[]> & { cursor: string }>(
      sandbox,
      cursor === "" ? path : `${path}${joint}cursor=${cursor}`,
    );
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    rows.push(...(body[key] ?? []));
    cursor = body.cursor;
    pages += 1;
  } while (cursor !== "");
  return { rows, pages };
}
