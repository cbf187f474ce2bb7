import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Credentials, readPrivateKey } from "../../src/client/key.js";
import type { ErrorCode } from "../../src/errors.js";
import { expectError } from "../support/errors.js";
import { expectNone, pemOf, secretsOf, shownOf } from "../support/keys.js";

const keyId = "11111111-2222-3333-4444-555555555555";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed25519 = generateKeyPairSync("ed25519");
const pkcs1 = pemOf(rsa.privateKey, "pkcs1");
const pkcs8 = pemOf(rsa.privateKey);
const edwards = pemOf(ed25519.privateKey);
const secrets = [...secretsOf(rsa.privateKey), ...secretsOf(ed25519.privateKey)];

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-key-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** Without its first and last line. */
function bodyOf(pem: string): string {
  return pem.trim().split("\n").slice(1, -1).join("\n");
}

const labels = [
  ["RSA, PKCS#1", pkcs1, rsa.privateKey],
  ["RSA, PKCS#8", pkcs8, rsa.privateKey],
  ["Ed25519", edwards, ed25519.privateKey],
] as const;

const kept: readonly (readonly [name: string, change: (pem: string) => string])[] = [
  ["as it is", (pem) => pem],
  ["with \\n written out", (pem) => pem.replaceAll("\n", "\\n")],
  ["with \\r\\n written out", (pem) => pem.replaceAll("\n", "\\r\\n")],
  ["escaped twice", (pem) => pem.replaceAll("\n", "\\\\n")],
  ["with the line ends of Windows", (pem) => pem.replaceAll("\n", "\r\n")],
  ["between quotes", (pem) => `"${pem.replaceAll("\n", "\\n")}"\n`],
  ["between single quotes", (pem) => `'${pem}'`],
  ["with a byte-order mark", (pem) => `\uFEFF${pem}`],
  ["with spaces at line ends and before lines", (pem) => pem.replaceAll("\n", "  \n\t ")],
  ["with empty lines around and within", (pem) => `\n\n${pem.replaceAll("\n", "\n\n")}\n`],
  [
    "below the notes that a tool adds",
    (pem) => `Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n${pem}`,
  ],
  ["beside a certificate", (pem) => `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${pem}`],
  ["as the exchange's answer has it", (pem) => JSON.stringify({ api_key_id: keyId, private_key: pem })],
];

const mended: typeof kept = [
  ["lost", (pem) => pem.replaceAll("\n", "")],
  ["replaced by spaces", (pem) => pem.replaceAll("\n", " ")],
  ["lost between the body's lines", (pem) => pem.replaceAll(/(?<!-)\n(?!-)/g, " ")],
  ["lost after the first line", (pem) => pem.replace("\n", "")],
];

describe("a private key", () => {
  describe.each(labels)("%s", (_, pem, key) => {
    it.each(kept)("is read %s", (_, change) => {
      const read = readPrivateKey({ keyId, privateKey: change(pem) });
      expect(read.key.equals(key)).toBe(true);
      expect(read).toMatchObject({ keyId, type: key.asymmetricKeyType, repaired: null });
    });

    it.each(kept)("is read from a file %s", (_, change) => {
      const privateKeyPath = file("key.pem", change(pem));
      expect(readPrivateKey({ keyId, privateKeyPath }).key.equals(key)).toBe(true);
    });

    it.each(mended)("is read all the same when its line breaks were %s, and that is told", (name, change) => {
      const changed = change(pem);
      const read = readPrivateKey({ keyId, privateKey: changed });
      expect(read.key.equals(key)).toBe(true);
      // The body of an Ed25519 key is a single line.
      const lost = key.asymmetricKeyType === "rsa" || !name.startsWith("lost between");
      expect(read.repaired).toBe(lost ? "line breaks" : null);
    });
  });

  it("is read under a label that was changed by hand: what is inside counts", () => {
    const relabelled = pkcs1.replaceAll("RSA PRIVATE", "PRIVATE");
    expect(readPrivateKey({ keyId, privateKey: relabelled }).key.equals(rsa.privateKey)).toBe(true);
    const other = pkcs8.replaceAll("PRIVATE", "RSA PRIVATE");
    expect(readPrivateKey({ keyId, privateKey: other }).key.equals(rsa.privateKey)).toBe(true);
  });

  it("is read from a file in UTF-16, as PowerShell writes it", () => {
    const privateKeyPath = file("wide.pem", Buffer.from(`\uFEFF${edwards}`, "utf16le"));
    expect(readPrivateKey({ keyId, privateKeyPath }).key.equals(ed25519.privateKey)).toBe(true);
  });

  it("has an id, which may stand between quotes and spaces", () => {
    for (const given of [` ${keyId}\n`, `"${keyId}"`, `'${keyId}'`])
      expect(readPrivateKey({ keyId: given, privateKey: edwards }).keyId).toBe(keyId);
  });
});

const exported = (key: KeyObject, cipher: object): string =>
  String(key.export({ type: "pkcs8", format: "pem", ...cipher }));
const locked = { cipher: "aes-256-cbc", passphrase: "x" };
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const certificate = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUZ\n-----END CERTIFICATE-----\n";
const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bodyOf(edwards)}\n-----END OPENSSH PRIVATE KEY-----\n`;
const [firstOfRsa, lastOfRsa] = [pkcs8.split("\n")[0]!, pkcs8.trim().split("\n").at(-1)!];

/** Name, text, damage, what is said of it, what to do. */
const damages: readonly (readonly [string, string, string, RegExp, RegExp])[] = [
  ["is empty", "", "empty", /is empty/, /text of the PEM/],
  ["is nothing but quotes", '""', "empty", /is empty/, /text of the PEM/],
  ["is a path", "/home/me/kalshi.pem", "path given", /is a path/, /KALSHI_PRIVATE_KEY_PATH/],
  ["is a path of Windows", "C:\\new\\key.pem", "path given", /is a path/, /KALSHI_PRIVATE_KEY_PATH/],
  ["is a file's name", "kalshi-demo.key", "path given", /is a path/, /KALSHI_PRIVATE_KEY_PATH/],
  ["is a word", "hunter2", "no key", /is no key/, /PEM text/],
  ["has lost its first line", pkcs8.replace(`${firstOfRsa}\n`, ""), "header lost", /first line/, /first and last line/],
  ["has lost a dash of its first line", pkcs1.slice(1), "header lost", /first line/, /five dashes/],
  ["has lost the dashes after BEGIN", pkcs1.replace("KEY-----", "KEY"), "header lost", /first line/, /five dashes/],
  ["has typographic dashes", pkcs1.replaceAll("-----", "—"), "header lost", /first line/, /five dashes/],
  ["has lost its last line", pkcs8.replace(lastOfRsa, ""), "footer lost", /last line/, /first and last line/],
  [
    "has lost the dashes of its last line",
    edwards.replace("-----END", "END"),
    "footer lost",
    /last line/,
    /five dashes/,
  ],
  ["is the body alone", bodyOf(pkcs1), "header and footer lost", /neither its first line/, /first and last line/],
  ["is the body of Ed25519", bodyOf(edwards), "header and footer lost", /neither its first line/, /first and last/],
  ["is encrypted", exported(rsa.privateKey, locked), "encrypted", /encrypted/, /without a passphrase/],
  [
    "is encrypted in the old form",
    String(rsa.privateKey.export({ type: "pkcs1", format: "pem", ...locked })),
    "encrypted",
    /encrypted/,
    /without a passphrase/,
  ],
  [
    "is public",
    String(rsa.publicKey.export({ type: "spki", format: "pem" })),
    "public key",
    /a public key/,
    /private key/,
  ],
  [
    "is public, PKCS#1",
    String(rsa.publicKey.export({ type: "pkcs1", format: "pem" })),
    "public key",
    /public/,
    /private/,
  ],
  ["is public, of OpenSSH", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", "public key", /public/, /private key/],
  ["is a certificate", certificate, "certificate", /certificate/, /private key/],
  ["is a key of OpenSSH", openssh, "OpenSSH key", /OpenSSH/, /ssh-keygen.*PKCS8/],
  ["has the letter n for line breaks", pkcs8.replaceAll("\n", "n"), "backslashes lost", /letter n/, /single quotes/],
  ["is cut off in the middle", `${pkcs8.slice(0, 700)}\n${lastOfRsa}\n`, "cut off", /\d+ of \d{4} bytes/, /whole text/],
  ["is cut off without a last line", pkcs8.slice(0, 700), "cut off", /\d+ of \d{4} bytes/, /whole text/],
  ["has lost a line", pkcs1.split("\n").toSpliced(5, 1).join("\n"), "cut off", /\d+ of \d{4} bytes/, /whole text/],
  [
    "has its line breaks lost and is cut off",
    `${pkcs8.slice(0, 700).replaceAll("\n", " ")} ${lastOfRsa}`,
    "cut off",
    /\d+ of \d{4} bytes/,
    /whole text/,
  ],
  ["has nothing inside", `${firstOfRsa}\n${lastOfRsa}\n`, "cut off", /next to nothing/, /whole text/],
  ["has a line twice", doubled(pkcs1), "bytes changed", /doubled/, /do not edit/],
  [
    "holds something foreign in a line",
    pkcs8.replace(/(\n.{20})./, "$1*"),
    "foreign characters",
    /in line 2$/,
    /whole text/,
  ],
  ["has bytes that are no key", zeroed(pkcs8), "bytes changed", /bytes inside are none/, /do not edit/],
];

describe("a private key that", () => {
  const everyWay = (text: string): readonly Credentials[] => [
    { keyId, privateKey: text },
    { keyId, privateKeyPath: file("damaged.pem", text) },
  ];

  it.each(damages)("%s is refused: the damage, what to say, what to do, and none of the key", (...row) => {
    const [, text, damage, what, hint] = row;
    for (const credentials of everyWay(text)) {
      const error = expectError(() => readPrivateKey(credentials), "KEY_UNREADABLE", hint);
      expect(error.context).toMatchObject({ keyId, damage });
      expect(error.message).toMatch(what);
      expect(error.message).toContain(credentials.privateKeyPath ?? "given as text");
      expectNone(secrets, shownOf(error));
      for (const word of text.split(/\s+/).filter((part) => part.length > 30 && !part.includes("-----")))
        expect(shownOf(error)).not.toContain(word);
    }
  });

  it.each([
    ["EC, PKCS#8", pemOf(curve.privateKey), /ec/],
    ["EC, SEC1", String(curve.privateKey.export({ type: "sec1", format: "pem" })), /ec/],
    ["EC, SEC1, under another label", sec1As("PRIVATE KEY"), /ec/],
    ["Ed448", pemOf(generateKeyPairSync("ed448").privateKey), /ed448/],
    ["X25519", pemOf(generateKeyPairSync("x25519").privateKey), /x25519/],
    ["RSA for PSS alone", pemOf(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey), /rsa-pss/],
    ["RSA of 1024 bits", pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey, "pkcs1"), /1024 bits/],
  ])("is of a type that is not accepted is refused by name: %s", (_, text, what) => {
    for (const credentials of everyWay(text)) {
      const error = expectError(() => readPrivateKey(credentials), "KEY_WRONG_TYPE", /RSA keys of 2048 bits.*Ed25519/);
      expect(error.message).toMatch(/key type that is not accepted: /);
      expect(error.message).toMatch(what);
      expect(error.context.damage).toBe("type not accepted");
    }
  });

  it("is in DER is refused with the command that turns it into text", () => {
    const privateKeyPath = file("key.der", rsa.privateKey.export({ type: "pkcs8", format: "der" }));
    const error = expectError(
      () => readPrivateKey({ keyId, privateKeyPath }),
      "KEY_UNREADABLE",
      /openssl pkey -inform DER/,
    );
    expect(error.context.damage).toBe("binary");
  });
});

describe("the file of a private key", () => {
  const inFolder = join(folder, "folder.pem");
  mkdirSync(inFolder);

  it.each<[string, string, ErrorCode, RegExp, RegExp]>([
    ["is not there", join(folder, "gone.pem"), "KEY_MISSING", /no private key file .*gone\.pem/, /check the path/],
    ["is below a file", join(file("a.pem", edwards), "b.pem"), "KEY_MISSING", /no private key file/, /check the path/],
    ["is given with a tilde", "~/no-such-kalshi.pem", "KEY_MISSING", /no private key file/, /`~` is not read/],
    ["is a folder", inFolder, "KEY_UNREADABLE", /is a folder/, /path of the file/],
    ["is far too large", file("big.pem", Buffer.alloc(70_000, "A")), "KEY_UNREADABLE", /70000 bytes/, /check the path/],
  ])("that %s is named with its path", (_, privateKeyPath, code, what, hint) => {
    const error = expectError(() => readPrivateKey({ keyId, privateKeyPath }), code, hint);
    expect(error.message).toMatch(what);
    expect(error.context.path ?? error.context.damage).toBeDefined();
  });

  it.each(labels)("given as its text is refused without showing it: %s", (_, pem) => {
    const whole = [pem, pem.replaceAll("\n", "\\n"), pem.replaceAll("\n", "")];
    const parts = [bodyOf(pem), bodyOf(pem).replaceAll("\n", ""), pem.slice(1, 90), `${bodyOf(pem).slice(30)}\n`];
    for (const privateKeyPath of [...whole, ...parts]) {
      const error = expectError(
        () => readPrivateKey({ keyId, privateKeyPath }),
        "KEY_UNREADABLE",
        /KALSHI_PRIVATE_KEY /,
      );
      expect(error.context.damage).toBe("text given");
      expectNone(secrets, shownOf(error));
    }
  });

  it.each(["MY PRIVATE KEY.pem", "BEGIN.pem", "MIIa.pem"])("may be named after what is in it: %s", (name) => {
    const privateKeyPath = file(name, edwards);
    expect(readPrivateKey({ keyId, privateKeyPath }).type).toBe("ed25519");
    const gone = join(folder, "gone", name);
    const error = expectError(() => readPrivateKey({ keyId, privateKeyPath: gone }), "KEY_MISSING", /check the path/);
    expect(error.message).toContain(name);
  });

  it("is asked for when there is none", () => {
    expectError(() => readPrivateKey({ keyId }), "KEY_MISSING", /KALSHI_PRIVATE_KEY_PATH/);
  });
});

describe("the id of a private key", () => {
  it.each([
    ["the key itself", edwards, /the text of a key/],
    ["the key's body", bodyOf(pkcs1), /the text of a key/],
    ["empty", " ", /nothing/],
    ["of several words", "my demo key", /no id/],
    ["too long to be one", "x".repeat(101), /no id/],
  ])("is refused when it is %s, and not shown", (_, given, what) => {
    const error = expectError(() => readPrivateKey({ keyId: given, privateKey: edwards }), "KEY_MISSING", /UUID/);
    expect(error.message).toMatch(what);
    expectNone(secrets, shownOf(error));
    if (given.trim() !== "") expect(shownOf(error)).not.toContain(given);
  });
});

/** A line in the middle stands twice. */
function doubled(pem: string): string {
  const lines = pem.split("\n");
  return lines.toSpliced(4, 0, lines[4]!).join("\n");
}

/** The head of a key of the right length, and nothing but zeros below it. */
function zeroed(pem: string): string {
  const der = Buffer.from(bodyOf(pem), "base64").fill(0, 30);
  return `${firstOfRsa}\n${der
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n")}\n${lastOfRsa}\n`;
}

function sec1As(label: string): string {
  const pem = String(createPrivateKey(pemOf(curve.privateKey)).export({ type: "sec1", format: "pem" }));
  return pem.replaceAll("EC PRIVATE KEY", label);
}
