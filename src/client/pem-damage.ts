/** What is wrong with the text of a key, by name. */
export type PemDamage =
  | "empty"
  | "path given"
  | "binary"
  | "header lost"
  | "footer lost"
  | "header and footer lost"
  | "no key"
  | "encrypted"
  | "public key"
  | "certificate"
  | "OpenSSH key"
  | "type not accepted"
  | "backslashes lost"
  | "foreign characters"
  | "cut off"
  | "bytes changed";

/** Why a text gives no key: the damage, what to say of it, and what to do. None of it shows anything of the text. */
export interface DamagedPem {
  readonly damage: PemDamage;
  readonly what: string;
  readonly hint: string;
}

/** The cure for whatever went missing between the page of the exchange and here. */
export const WHOLE = "copy the whole text, first and last line included, as it was shown when the key was made";

/** The damages that are always told in the same words. */
export const damaged = {
  empty: { damage: "empty", what: "is empty", hint: "give the text of the PEM, or the path of its file" },
  path: {
    damage: "path given",
    what: "is a path and not a key",
    hint: "a path belongs in KALSHI_PRIVATE_KEY_PATH (privateKeyPath, --private-key); KALSHI_PRIVATE_KEY holds the text itself",
  },
  binary: {
    damage: "binary",
    what: "is binary (DER) and not PEM text",
    hint: "turn it into text: openssl pkey -inform DER -in KEY -out key.pem",
  },
  encrypted: {
    damage: "encrypted",
    what: "is encrypted with a passphrase",
    hint: "store it without a passphrase: openssl pkey -in KEY -out plain.pem; then chmod 600 plain.pem",
  },
  publicKey: {
    damage: "public key",
    what: "is a public key",
    hint: "give the private key; the exchange shows it once, when the key is made, and keeps none: if it is lost, make a new one",
  },
  certificate: {
    damage: "certificate",
    what: "is a certificate, which holds a public key",
    hint: "give the private key that the exchange showed when the API key was made",
  },
  openssh: {
    damage: "OpenSSH key",
    what: "is a key in OpenSSH's own format",
    hint: "rewrite a copy of it: ssh-keygen -p -N '' -m PKCS8 -f COPY; or give the PEM that the exchange handed out",
  },
  backslashes: {
    damage: "backslashes lost",
    what: "has the letter n where its line breaks were: the backslashes of `\\n` were lost",
    hint: "put the value between single quotes, or use a file and KALSHI_PRIVATE_KEY_PATH",
  },
  changed: {
    damage: "bytes changed",
    what: "has the form of a key, but the bytes inside are none: characters are missing, changed or doubled",
    hint: `${WHOLE}; do not edit it`,
  },
} as const satisfies Readonly<Record<string, DamagedPem>>;

/** A private key, but of a type that the exchange does not take. */
export function wrongType(type: string): DamagedPem {
  return {
    damage: "type not accepted",
    what: `is of a key type that is not accepted: ${type}`,
    hint: "the exchange takes RSA keys of 2048 bits and more, and Ed25519 keys; make one of these",
  };
}
