import { type DamagedPem, damaged, WHOLE, wrongType } from "./pem-damage.js";

/** The bytes of a private key, and what had to be put right to get at them. */
export interface WholePem {
  readonly der: Buffer;
  /** Told apart by looking inside: the label of a PEM says it, but labels get changed by hand. */
  readonly form: "pkcs1" | "pkcs8";
  /** `line breaks` when they were lost and the text was read all the same. */
  readonly repaired: "line breaks" | null;
}

/**
 * Reads the PEM text of a private key as it comes out of files, variables and `.env` files: line breaks may be written out as `\n` or
 * `\r\n`, quotes may surround it, a byte-order mark may lead. Lost line breaks are put right, because the length that the key's bytes state
 * about themselves proves that nothing else is missing. Whatever else is wrong is named and not mended.
 */
export function readPem(given: string): WholePem | DamagedPem {
  const bare = unquoted(given.replace(/^\uFEFF/, "").trim());
  if (bare === "") return damaged.empty;
  if (isPath(bare)) return damaged.path;
  // Some tools escape twice, so there may be several backslashes; base64 has none.
  const text = bare.replaceAll(/(?:\\+r)?\\+n|\\+r/g, "\n");
  const begin = /-----BEGIN (?=[A-Z0-9 ]*PRIVATE KEY-----)/.exec(text) ?? /-----BEGIN /.exec(text);
  const header = begin === null ? null : /^-----BEGIN ([A-Z0-9 ]+)-----/.exec(text.slice(begin.index));
  if (begin === null || header === null) return withoutHeader(text);
  const rest = text.slice(begin.index + header[0].length);
  const foreign = labelled(header[1]!, rest);
  if (foreign !== null) return foreign;
  const end = rest.indexOf("-----END ");
  if (end < 0) return withoutFooter(rest);
  const body = rest.slice(0, end);
  const read = readBody(body, text.slice(0, begin.index + header[0].length).split("\n").length);
  return "damage" in read ? read : { ...read, repaired: areLinesLost(body) ? "line breaks" : null };
}

/** True for a text that is, or was, a key or a part of one: it is not to be shown, whatever it was given as. A path may name such things. */
export function isKeyText(text: string): boolean {
  if (/-----|\bBEGIN ?[A-Z ]*PRIVATE ?KEY/.test(text)) return true;
  return /^["'\s]*(?:MII|MC4CAQ|MFECAQ|MHcCAQ)[A-Za-z0-9+/]{20}/.test(text);
}

/** True for the bytes of a key in DER, which is the same without the text around it. */
export function isDer(bytes: Buffer): boolean {
  return bytes.length > 40 && statedLength(bytes) === bytes.length;
}

function unquoted(text: string): string {
  const inner = /^(["'`])([\s\S]*)\1$/.exec(text);
  return inner === null ? text : inner[2]!.trim();
}

function isPath(text: string): boolean {
  if (isKeyText(text) || text.includes("\n")) return false;
  return /^(?:\/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]|file:)/.test(text) || /\.(?:pem|key|txt|der|p8)$/i.test(text);
}

function withoutHeader(text: string): DamagedPem {
  if (/^(?:ssh-|ecdsa-)/.test(text)) return damaged.publicKey;
  if (/END [A-Z ]*PRIVATE ?KEY/.test(text) || /BEGIN ?[A-Z ]*PRIVATE ?KEY/i.test(text)) {
    const what = "has lost its first line, `-----BEGIN … PRIVATE KEY-----`, or a part of it";
    return { damage: "header lost", what, hint: `${WHOLE}; five dashes stand on either side` };
  }
  if (isKeyText(text) || /^[A-Za-z0-9+/=\s]{60,}$/.test(text)) {
    const what = "has neither its first line, `-----BEGIN … PRIVATE KEY-----`, nor its last";
    return { damage: "header and footer lost", what, hint: WHOLE };
  }
  return {
    damage: "no key",
    what: "is no key: it has no `-----BEGIN … PRIVATE KEY-----` line",
    hint: `give the PEM text: ${WHOLE}`,
  };
}

/** What the label itself tells is not a key that the exchange takes; null for those it does. */
function labelled(label: string, rest: string): DamagedPem | null {
  // The old form keeps the label and tells of the encryption in a line below it.
  if (label === "ENCRYPTED PRIVATE KEY" || /^\s*Proc-Type:[^\n]*ENCRYPTED/.test(rest)) return damaged.encrypted;
  if (label.includes("PUBLIC KEY")) return damaged.publicKey;
  if (label.includes("CERTIFICATE")) return damaged.certificate;
  if (label === "OPENSSH PRIVATE KEY") return damaged.openssh;
  const type = /^(EC|DSA) P/.exec(label);
  return type === null ? null : wrongType(type[1]!.toLowerCase());
}

function withoutFooter(rest: string): DamagedPem {
  const read = readBody(/^[A-Za-z0-9+/=\s]*/.exec(rest)![0], 1);
  if ("damage" in read && read.damage === "cut off") return read;
  const what = "has lost its last line, `-----END … PRIVATE KEY-----`, or a part of it";
  return { damage: "footer lost", what, hint: `${WHOLE}; five dashes stand on either side` };
}

function readBody(body: string, firstLine: number): Omit<WholePem, "repaired"> | DamagedPem {
  const foreign = /[^A-Za-z0-9+/=\s]/.exec(body);
  if (foreign !== null) {
    const line = firstLine + body.slice(0, foreign.index).split("\n").length - 1;
    const what = `holds a character that no key has, in line ${line}`;
    return { damage: "foreign characters", what, hint: `${WHOLE}, and nothing between them` };
  }
  const packed = body.replaceAll(/\s+/g, "");
  const der = Buffer.from(packed, "base64");
  const stated = statedLength(der);
  if (stated === null) return damagedStart(packed);
  if (der.length < stated) {
    const what = `is cut off or has lost characters: ${der.length} of ${stated} bytes are there`;
    return { damage: "cut off", what, hint: WHOLE };
  }
  const form = der.length === stated ? formOf(der) : null;
  if (form === "sec1") return wrongType("ec");
  return form === null ? damaged.changed : { der, form };
}

function damagedStart(packed: string): DamagedPem {
  if (packed.length < 40) {
    return {
      damage: "cut off",
      what: "is cut off: next to nothing stands between its first and last line",
      hint: WHOLE,
    };
  }
  return /^nM/.test(packed) ? damaged.backslashes : damaged.changed;
}

/** How long the outermost value says it is, its own head included; null when there is none. */
function statedLength(der: Buffer): number | null {
  if (der.length < 2 || der[0] !== 0x30) return null;
  const short = der[1]!;
  if (short < 0x80) return 2 + short;
  const digits = short & 0x7f;
  if (digits === 0 || digits > 3 || der.length < 2 + digits) return null;
  return 2 + digits + der.readUIntBE(2, digits);
}

/** After a version number, PKCS#8 names an algorithm (a sequence), PKCS#1 goes on with the modulus (a number), SEC1 with octets. */
function formOf(der: Buffer): "pkcs1" | "pkcs8" | "sec1" | null {
  const at = der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f);
  if (der[at] !== 0x02 || der[at + 1] !== 0x01) return null;
  const forms = { 2: "pkcs1", 48: "pkcs8", 4: "sec1" } as const;
  return forms[der[at + 3] as keyof typeof forms] ?? null;
}

/** True when the first and last line, or the lines between them, run into each other. */
function areLinesLost(body: string): boolean {
  return !/^[ \t]*\r?\n[\s\S]*\n[ \t]*$/.test(body) || body.split(/\r?\n/).some((line) => /\S\s+\S|\S{77}/.test(line));
}
