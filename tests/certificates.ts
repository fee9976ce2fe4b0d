import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its key, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** A certificate authority for a test. */
export interface Authority {
  /** Its certificate, in PEM. */
  cert: string;
  /** Issues a certificate for a server at 127.0.0.1 that is valid for a client too. */
  issue(name: string, options?: { daysValid?: number }): Identity;
}

const DAY_MS = 86_400_000;

/** Creates an authority with a new key, in memory. X.509 v3 by RFC 5280, P-256 with SHA-256. */
export function newAuthority(name: string): Authority {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, key: privateKey };
  const isAuthority = extension("551d13", sequence(Buffer.from("0101ff", "hex")));
  return {
    cert: certificate(name, privateKey, issuer, isAuthority, 1),
    issue: (subject, { daysValid = 1 } = {}) => {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
      const loopback = extension("551d11", sequence(tagged(0x87, Buffer.from([127, 0, 0, 1]))));
      return {
        cert: certificate(subject, own, issuer, loopback, daysValid),
        key: own.export({ type: "pkcs8", format: "pem" }) as string,
      };
    },
  };
}

function certificate(
  subject: string,
  key: KeyObject,
  issuer: { name: string; key: KeyObject },
  extra: Buffer,
  daysValid: number,
): string {
  const algorithm = sequence(tagged(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(issuer.name),
    sequence(time(Date.now() - 10 * DAY_MS), time(Date.now() + daysValid * DAY_MS)),
    commonName(subject),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(extra)),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, issuer.key)]));
  const base64 = sequence(body, algorithm, signature)
    .toString("base64")
    .match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${base64.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** One DER value: tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function commonName(name: string): Buffer {
  const value = sequence(tagged(0x06, Buffer.from("550403", "hex")), tagged(0x0c, Buffer.from(name)));
  return sequence(tagged(0x31, value));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

function extension(oid: string, content: Buffer): Buffer {
  return sequence(tagged(0x06, Buffer.from(oid, "hex")), tagged(0x04, content));
}
