import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { newAuthority } from "../tests/certificates.ts";
import { movedAccess, plainAccess } from "./temporalAccess.ts";
import { readWorkerConfig } from "./workerConfig.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-access-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const authority = newAuthority("access test");
const { cert, key } = authority.issue("client");
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const access = (env: NodeJS.ProcessEnv) => readWorkerConfig(env).temporal;
const certificates = {
  TEMPORAL_TLS_CLIENT_CERT_PATH: file("client.pem", cert),
  TEMPORAL_TLS_CLIENT_KEY_PATH: file("client.key", key),
};

it("defaults to the local server in plain text, and an empty variable counts as unset", () => {
  const local = { address: "127.0.0.1:7233", namespace: "default" };
  expect(access({})).toMatchObject(local);
  expect(access({ TEMPORAL_ADDRESS: "", TEMPORAL_NAMESPACE: "", TEMPORAL_API_KEY: "" })).toMatchObject(local);
  expect(access({}).credentials).toEqual({ apiKey: undefined, tls: undefined, metadata: undefined });
});

it("takes the user's profile; variables override it", () => {
  const home = mkdtempSync(join(folder, "home-"));
  const profile = '[profile.cloud]\naddress = "a.example:7233"\nnamespace = "docs.1"\napi_key = "sk"\n';
  const env = { TEMPORAL_CONFIG_FILE: file("temporal.toml", profile), TEMPORAL_PROFILE: "cloud", HOME: home };
  expect(access(env)).toMatchObject({
    address: "a.example:7233",
    namespace: "docs.1",
    origin: "profile cloud",
    credentials: { apiKey: "sk", tls: true },
  });
  expect(access({ ...env, TEMPORAL_ADDRESS: "b.example:7233" })).toMatchObject({
    address: "b.example:7233",
    namespace: "docs.1",
    origin: "TEMPORAL_ADDRESS",
  });
  expect(access({ ...env, TEMPORAL_CONFIG_FILE: "" }).address).toBe("127.0.0.1:7233");
});

it("reads certificate and key from files or from the variables themselves", () => {
  const pair = { crt: new Uint8Array(Buffer.from(cert)), key: new Uint8Array(Buffer.from(key)) };
  expect(access(certificates).credentials.tls).toMatchObject({ clientCertPair: pair });
  const data = { TEMPORAL_TLS_CLIENT_CERT_DATA: cert, TEMPORAL_TLS_CLIENT_KEY_DATA: key };
  expect(access(data).credentials.tls).toMatchObject({ clientCertPair: pair });
});

it("names the wrong setting and its file", () => {
  const other = authority.issue("other");
  const old = authority.issue("old", { daysValid: -1 });
  const wrong: [NodeJS.ProcessEnv, RegExp][] = [
    [{ TEMPORAL_TLS_CLIENT_CERT_PATH: "/no/such.pem" }, /TEMPORAL_TLS_CLIENT_CERT_PATH: the file \/no\/such\.pem/],
    [{ TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.TEMPORAL_TLS_CLIENT_CERT_PATH }, /needs its key too/],
    [{ ...certificates, TEMPORAL_TLS_CLIENT_KEY_PATH: file("other.key", other.key) }, /not the key of the certificate/],
    [{ ...certificates, TEMPORAL_TLS_CLIENT_KEY_PATH: file("no.key", "x") }, /TLS_CLIENT_KEY_PATH .* no private key/],
    [{ TEMPORAL_TLS_CLIENT_CERT_DATA: old.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: old.key }, /CLIENT_CERT_PATH .* expired/],
    [{ TEMPORAL_TLS_SERVER_CA_CERT_DATA: "x" }, /SERVER_CA_CERT_PATH .* no certificate in PEM/],
    [{ TEMPORAL_CONFIG_FILE: join(folder, "absent.toml") }, /TEMPORAL_CONFIG_FILE: there is no file .*absent\.toml/],
    [{ TEMPORAL_CONFIG_FILE: file("empty.toml", ""), TEMPORAL_PROFILE: "cloud" }, /empty\.toml.*profile cloud/],
    [{ TEMPORAL_CONFIG_FILE: file("x.toml", "[profile.a]\n"), TEMPORAL_PROFILE: "b" }, /x\.toml.*'b' not found/],
    [{ TEMPORAL_TLS: "yes" }, /TEMPORAL_TLS is "yes": give true or false/],
    [{ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: "true" }, /not supported.*SERVER_CA_CERT_PATH/],
  ];
  for (const [env, message] of wrong) expect(() => access(env)).toThrow(message);
});

it("never repeats the content of a file or variable", () => {
  const broken = file("broken.toml", '[profile.default]\naddress = "x"\napi_key = "canary-1\n');
  expect(() => access({ TEMPORAL_CONFIG_FILE: broken })).toThrow(/broken\.toml\) is not valid TOML at line 3/);
  for (const env of [{ TEMPORAL_CONFIG_FILE: broken }, { TEMPORAL_TLS_SERVER_CA_CERT_DATA: "canary-1" }])
    expect(() => access(env)).not.toThrow(/canary-1/);
});

it("gives child processes the same server, or the embedded one without the user's credentials", () => {
  const env = { PATH: "/bin", TEMPORAL_PROFILE: "cloud", TEMPORAL_API_KEY: "sk", TEMPORAL_CONFIG_FILE: "t.toml" };
  expect(plainAccess(env, "127.0.0.1:7", "n")).toEqual({
    PATH: "/bin",
    TEMPORAL_CONFIG_FILE: "",
    TEMPORAL_ADDRESS: "127.0.0.1:7",
    TEMPORAL_NAMESPACE: "n",
  });
  expect(movedAccess(env, (path) => `/here/${path}`)).toEqual({ ...env, TEMPORAL_CONFIG_FILE: "/here/t.toml" });
});
