import { createHash } from "node:crypto";

const KIND = "key-sha256:";

/** By what an account is known in files: a hash of the key's id, which tells whether it is the same key and not which. */
export function accountName(keyId: string): string {
  return KIND + createHash("sha256").update(`kalshi-lab account\n${keyId}`).digest("hex").slice(0, 32);
}

/** The same of what a file has: earlier versions wrote the key's id itself. */
export function accountNameIn(file: string): string {
  return file.startsWith(KIND) ? file : accountName(file);
}
