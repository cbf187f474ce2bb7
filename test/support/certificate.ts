import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that nobody vouches for but itself, and its key: enough for a TLS server that is not to be trusted. */
export function selfSigned(name: string): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const algorithm = sequence(der(0x06, Buffer.from([0x2b, 0x65, 0x70])));
  const who = sequence(der(0x31, sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from(name)))));
  const time = (at: number): Buffer =>
    der(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));
  const day = 86_400_000;
  const valid = sequence(time(Date.now() - day), time(Date.now() + day));
  const publicBytes = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(der(0x02, Buffer.from([1])), algorithm, who, valid, who, publicBytes);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)])));
  const lines = whole.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** A value with its tag and length in front. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
