import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createSigner, type Signer } from "../../src/client/signing.js";

/** A signer with a key made now, for an account of its own unless an id is given. */
export function aSigner(keyId: string = randomUUID()): Signer {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return createSigner({ keyId, privateKey: pem });
}
