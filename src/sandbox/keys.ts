import { createPublicKey, generateKeyPair } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { KalshiError, messageOf } from "../errors.js";
import { writeError } from "../store/atomic-file.js";

const generate = promisify(generateKeyPair);

export type KeyType = "rsa" | "ed25519";

/** A key pair as PEM, the private one in the form that the exchange hands out for its type. */
export interface KeyPem {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Makes a throwaway key pair. RSA is PKCS#1, Ed25519 PKCS#8. */
export async function makeKey(type: KeyType): Promise<KeyPem> {
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  return type === "rsa"
    ? generate("rsa", { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding: { type: "pkcs1", format: "pem" } })
    : generate("ed25519", { publicKeyEncoding, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
}

/**
 * The key pair of a state folder: that which is kept there, or a new one that is from now on. Only its owner reads the file.
 *
 * @throws KalshiError `KEY_UNREADABLE`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function keyIn(folder: string, type: KeyType): Promise<KeyPem & { readonly path: string }> {
  const path = join(folder, "private-key.pem");
  const kept = await readFile(path, "utf8").catch(() => null);
  if (kept === null) {
    const key = await makeKey(type);
    await writeFile(path, key.privateKey, { mode: 0o600 }).catch((error: unknown) => {
      throw writeError(path, error);
    });
    return { ...key, path };
  }
  try {
    const publicKey = createPublicKey(kept).export({ type: "spki", format: "pem" }).toString();
    return { publicKey, privateKey: kept, path };
  } catch (cause) {
    throw new KalshiError("KEY_UNREADABLE", `the key in ${folder} cannot be read`, {
      hint: "put the file back, or give another folder",
      context: { path },
      cause,
    });
  }
}

/** Folders of throwaway keys that are there; a process that ends without closing its sandbox takes them away all the same. */
const kept = new Set<string>();

function removeKept(): void {
  for (const folder of kept) rmSync(folder, { recursive: true, force: true });
}

/**
 * Keeps a private key in a file that only its owner reads, in a temporary folder of its own, until `remove`, or until the process exits.
 *
 * @throws KalshiError `SANDBOX_FAILED`
 */
export function keepKey(privateKey: string): { readonly path: string; remove(): Promise<void> } {
  try {
    // At once: a process that ends meanwhile leaves either nothing or what it knows of.
    const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-sandbox-"));
    if (kept.size === 0) process.once("exit", removeKept);
    kept.add(folder);
    const path = join(folder, "private-key.pem");
    writeFileSync(path, privateKey, { mode: 0o600 });
    return { path, remove: () => forget(folder) };
  } catch (cause) {
    throw new KalshiError("SANDBOX_FAILED", `cannot keep the throwaway key: ${messageOf(cause)}`, {
      hint: `check that ${tmpdir()} may be written and has room, or set TMPDIR to a folder that does`,
      cause,
    });
  }
}

async function forget(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  kept.delete(folder);
  if (kept.size === 0) process.off("exit", removeKept);
}
