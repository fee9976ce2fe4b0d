import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfigProfile,
  loadClientConnectConfig,
} from "@temporalio/envconfig";
import { WinnowError } from "../core/base/errors.ts";
import type { Environment } from "./schema.ts";

type Connection = ClientConnectConfig["connectionOptions"];

/** Address of a Temporal server and the credentials for it. `credentials` holds secrets: never log it. */
export interface TemporalAccess {
  /** Null if no server is named. */
  address: string | null;
  namespace: string;
  /** Source of the address, for messages: `TEMPORAL_ADDRESS` or `profile cloud`. */
  origin: string;
  /** TLS, API key and gRPC metadata, in the form of connection options. */
  credentials: Omit<Connection, "address">;
}

const CERTIFICATE_FILES = [
  "TEMPORAL_TLS_CLIENT_CERT_PATH",
  "TEMPORAL_TLS_CLIENT_KEY_PATH",
  "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
] as const;

/** Settings to check if a server refuses the client or fails verification. */
export const CREDENTIAL_SETTINGS =
  "TEMPORAL_API_KEY, TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME, or the profile";

/**
 * Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS* and TEMPORAL_GRPC_META_*. Each overrides
 * the same field of profile TEMPORAL_PROFILE in TEMPORAL_CONFIG_FILE (default: the user's `temporalio/temporal.toml`).
 * An empty variable counts as unset; an empty TEMPORAL_CONFIG_FILE means no file. Throws BadInput, which names the
 * setting or file but no value, since a profile holds secrets.
 */
export function temporalAccess(env: Environment): TemporalAccess {
  checkVariables(env);
  const { namespace, connectionOptions } = loadChecked(env);
  const { address, ...credentials } = connectionOptions;
  if (address !== undefined && typeof address !== "string") throw wrong(`${profileOf(env)}: address is not a text`);
  checkTls(connectionOptions.tls, env);
  return {
    address: address || null,
    namespace: namespace || "default",
    origin: env.TEMPORAL_ADDRESS ? "TEMPORAL_ADDRESS" : profileOf(env),
    credentials,
  };
}

/** Returns the fields of the profile in effect. An unreadable profile has none; `temporalAccess` reports the reason. */
export function profileFields(env: Environment): ClientConfigProfile {
  if (env.TEMPORAL_CONFIG_FILE === "") return {};
  try {
    return loadClientConfigProfile({ disableEnv: true, overrideEnvVars: overrides(env) });
  } catch {
    return {};
  }
}

/** Returns an environment in which a child process uses the server at `address` without the user's own credentials. */
export function plainAccess(env: Environment, address: string, namespace: string): Environment {
  const others = Object.entries(env).filter(([name]) => !name.startsWith("TEMPORAL_"));
  const own = { TEMPORAL_CONFIG_FILE: "", TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  return { ...Object.fromEntries(others), ...own };
}

/** Returns the environment for a child process in another folder: `absolute` makes the paths of files absolute. */
export function movedAccess(env: Environment, absolute: (path: string) => string): Environment {
  const named = ["TEMPORAL_CONFIG_FILE", ...CERTIFICATE_FILES].filter((name) => env[name]);
  return { ...env, ...Object.fromEntries(named.map((name) => [name, absolute(env[name]!)])) };
}

/** The library reads any word but `1` and `true` as false, and cannot skip host verification. */
function checkVariables(env: Environment): void {
  if (env.TEMPORAL_TLS && !/^(1|0|true|false)$/.test(env.TEMPORAL_TLS))
    throw wrong(`TEMPORAL_TLS is ${JSON.stringify(env.TEMPORAL_TLS)}: give true or false`);
  if (/^(1|true)$/.test(env.TEMPORAL_TLS_DISABLE_HOST_VERIFICATION ?? ""))
    throw wrong(
      "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is not supported: give the server's CA as TEMPORAL_TLS_SERVER_CA_CERT_PATH, and its name as TEMPORAL_TLS_SERVER_NAME",
    );
}

function loadChecked(env: Environment): ClientConnectConfig {
  const file = env.TEMPORAL_CONFIG_FILE;
  if (file && !existsSync(file)) throw wrong(`TEMPORAL_CONFIG_FILE: there is no file ${file}`);
  try {
    return loadClientConnectConfig({ disableFile: file === "", overrideEnvVars: overrides(env) });
  } catch (error) {
    throw explained(error as Partial<NodeJS.ErrnoException> & { line?: number }, env);
  }
}

/** Variables that are set. An empty header counts as well: it removes that of the profile. */
function overrides(env: Environment): Record<string, string> {
  const set = Object.entries(env).filter(([name, value]) => value || name.startsWith("TEMPORAL_GRPC_META_"));
  return Object.fromEntries(set) as Record<string, string>;
}

/** Errors of the TOML parser quote lines of the file, which may hold a key. Only the line number is reported. */
function explained(error: { message?: string; path?: string; code?: string; line?: number }, env: Environment) {
  const { message = "", path, code, line } = error;
  if (path) {
    const setting = [...CERTIFICATE_FILES, "TEMPORAL_CONFIG_FILE"].find((name) => env[name] === path);
    return wrong(`${setting ?? profileOf(env)}: the file ${path} cannot be read (${code})`);
  }
  if (line !== undefined) return wrong(`${fileOf(env)} is not valid TOML at line ${line}`);
  if (/^(Profile '.*' not found|Cannot specify both \w+ and \w+)/.test(message))
    return wrong(`${fileOf(env)}: ${message}`);
  return wrong(`${fileOf(env)}: ${profileOf(env)} has a field of the wrong kind`);
}

function checkTls(tls: Connection["tls"], env: Environment): void {
  const pem = (name: string) => `TEMPORAL_TLS_${name}_PATH (or _DATA, or that of ${profileOf(env)})`;
  if (typeof tls !== "object" || tls === null) return;
  if (tls.serverRootCACertificate) certificate(tls.serverRootCACertificate, pem("SERVER_CA_CERT"));
  if (!tls.clientCertPair) {
    if (Object.keys(env).some((name) => /^TEMPORAL_TLS_CLIENT_(CERT|KEY)_/.test(name) && env[name]))
      throw wrong("a client certificate needs its key too: set TEMPORAL_TLS_CLIENT_CERT_PATH and _KEY_PATH");
    return;
  }
  const own = certificate(tls.clientCertPair.crt, pem("CLIENT_CERT"));
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(Buffer.from(tls.clientCertPair.key));
  } catch {
    throw wrong(`${pem("CLIENT_KEY")} is no private key in PEM without a passphrase`);
  }
  if (!own.checkPrivateKey(key)) throw wrong(`${pem("CLIENT_KEY")} is not the key of the certificate`);
  if (Date.parse(own.validTo) < Date.now()) throw wrong(`${pem("CLIENT_CERT")} expired on ${own.validTo}`);
}

function certificate(pem: Uint8Array, name: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw wrong(`${name} is no certificate in PEM`);
  }
}

/** Name of the profile in messages: `profile cloud`. */
export function profileOf(env: Environment): string {
  return `profile ${env.TEMPORAL_PROFILE || "default"}`;
}

function fileOf(env: Environment): string {
  return env.TEMPORAL_CONFIG_FILE
    ? `TEMPORAL_CONFIG_FILE (${env.TEMPORAL_CONFIG_FILE})`
    : "temporalio/temporal.toml in the user's configuration folder";
}

function wrong(what: string): WinnowError {
  return new WinnowError(
    "BadInput",
    `Connection to Temporal: ${what}. See "Your Temporal server" in docs/operate/deploy.md.`,
  );
}
