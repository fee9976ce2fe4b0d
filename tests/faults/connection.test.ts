import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectClient } from "../../client/temporal.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { type Authority, newAuthority } from "../certificates.ts";
import { winnow } from "./command.ts";
import { Faults } from "./harness.ts";
import { startTlsProxy, type TlsProxy } from "./tlsProxy.ts";

const API_KEY = "canary-api-key-7431";

describe("a server behind mTLS that asks for an API key", () => {
  const faults = new Faults();
  const authority = newAuthority("Winnow test authority");
  let proxy: TlsProxy;

  /** Writes a user profile, and returns the environment that names it. */
  function profile(name: string, lines: Record<string, string>, api = API_KEY): Record<string, string> {
    const file = join(faults.folder, `${name}.toml`);
    const tls = Object.entries(lines).map(([field, value]) => `${field} = ${JSON.stringify(value)}`);
    const head = [`[profile.${name}]`, `address = "${proxy.address}"`, 'namespace = "default"', `api_key = "${api}"`];
    writeFileSync(file, [...head, `[profile.${name}.tls]`, ...tls].join("\n"));
    return { TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: name };
  }

  function files(name: string, trusted: Authority, issuer?: Authority): Record<string, string> {
    const path = (suffix: string) => join(faults.folder, `${name}${suffix}`);
    writeFileSync(path("-ca.pem"), trusted.cert);
    const ca = { server_ca_cert_path: path("-ca.pem") };
    if (!issuer) return ca;
    const { cert, key } = issuer.issue(name);
    writeFileSync(path(".pem"), cert);
    writeFileSync(path(".key"), key, { mode: 0o600 });
    return { ...ca, client_cert_path: path(".pem"), client_key_path: path(".key") };
  }

  beforeAll(async () => {
    await faults.startServer();
    proxy = await startTlsProxy(faults.port, authority, API_KEY);
  }, 120_000);
  afterAll(async () => {
    proxy.close();
    await faults.end();
  });

  it("serves worker and command with the user's profile, and the key is in no log", async () => {
    const env = profile("cloud", files("cloud-client", authority, authority));
    await faults.startWorker({ ...env, WINNOW_LOG_LEVEL: "trace" });
    const args = ["run", "--docs", faults.docs, "--until", "ingest"];
    const result = await winnow<{ stages: { name: string }[] }>(faults, args, env);
    expect(result.stages.map(({ name }) => name)).toEqual(["ingest"]);
    expect(await winnow<{ temporal: string }>(faults, ["status"], env)).toMatchObject({ temporal: proxy.address });
    expect([...proxy.authorizations]).toEqual([`Bearer ${API_KEY}`]);
    expect([...proxy.clients]).toEqual(["cloud-client"]);
    expect(faults.log).toContain('"ready"');
    expect(faults.log).not.toContain(API_KEY);
    expect(faults.log).not.toContain("PRIVATE KEY");
  }, 120_000);

  it("refuses who lacks certificate or key, or trusts another authority: reported at once, with settings and no secret", async () => {
    const other = newAuthority("another authority");
    const callers = {
      "no certificate": profile("bare", files("bare", authority)),
      "certificate of another authority": profile("stranger", files("stranger", authority, other)),
      "server of another authority": profile("wrongca", files("wrongca", other, authority)),
      "another key": profile("otherkey", files("otherkey", authority, authority), "canary-wrong"),
    };
    const refused = async (env: Record<string, string>) => {
      const config = readCliConfig(env);
      return connectClient(config.temporalAddress!, config, 0).then(String, (error: Error) => error);
    };
    const told = await Promise.all(Object.values(callers).map(refused));
    for (const error of told) {
      expect(error).toMatchObject({ code: "TemporalUnreachable" });
      const words = inspect(error, { depth: 9 });
      expect(words).toMatch(/named by profile \w+, cannot be used.*TEMPORAL_API_KEY.*TEMPORAL_TLS_CLIENT_CERT_PATH/);
      expect(words).not.toContain("canary");
    }
    expect(String(told[0])).toContain("the TLS connection fails");
    expect(String(told[3])).toContain("it refuses this caller");
  }, 60_000);

  it("keeps a worker that it refuses waiting, with a hint on what to check", async () => {
    const before = faults.log.length;
    const worker = await faults.startWorker(profile("late", files("late", authority)), { ready: false });
    const said = () => faults.log.slice(before);
    await faults.until(worker, () => /does not answer.*check TEMPORAL_API_KEY/.test(said()));
    expect(said()).not.toContain(API_KEY);
  }, 90_000);
});
