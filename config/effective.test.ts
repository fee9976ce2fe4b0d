import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SETTINGS } from "./allSettings.ts";
import { effectiveConfig } from "./effective.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-effective-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const machine = { cores: 3, memoryBytes: 8 * 2 ** 30 };
const at = (env: Record<string, string>) => effectiveConfig({ TEMPORAL_CONFIG_FILE: "", ...env }, machine);
const rowOf = (name: string, env: Record<string, string>) => at(env).settings.find((row) => row.name === name)!;

describe("effectiveConfig", () => {
  it("reports for each value whether it comes from a variable, the default or the machine", () => {
    expect(rowOf("WINNOW_ENGINES", { WINNOW_ENGINES: "2" })).toEqual({
      name: "WINNOW_ENGINES",
      group: "Capacity",
      value: "2",
      origin: "variable",
      from: "WINNOW_ENGINES",
      secret: false,
      readBy: ["workers"],
      problem: null,
    });
    expect(rowOf("WINNOW_QUESTIONS_AT_ONCE", {})).toMatchObject({ value: "12", origin: "machine", from: null });
    expect(rowOf("WINNOW_QUESTIONS_WAITING", {})).toMatchObject({ value: "32", origin: "default", from: null });
    expect(rowOf("WINNOW_THREADS", {})).toMatchObject({ value: null, origin: "default" });
    expect(rowOf("WINNOW_ARTIFACTS", { WINNOW_ARTIFACTS: "s3://docs/x/" }).value).toBe("s3://docs/x");
  });

  it("names the other variable if a value was taken from one", () => {
    const region = rowOf("AWS_REGION", { AWS_DEFAULT_REGION: "eu-west-1" });
    expect(region).toMatchObject({ value: "eu-west-1", origin: "variable", from: "AWS_DEFAULT_REGION" });
    const endpoint = rowOf("WINNOW_S3_ENDPOINT", { AWS_ENDPOINT_URL: "http://s3" });
    expect(endpoint).toMatchObject({ value: "http://s3", from: "AWS_ENDPOINT_URL" });
    const headers = rowOf("OTEL_EXPORTER_OTLP_TRACES_HEADERS", { OTEL_EXPORTER_OTLP_HEADERS: "a=canary" });
    expect(headers).toMatchObject({ value: "set", from: "OTEL_EXPORTER_OTLP_HEADERS" });
  });

  it("takes Temporal's settings from the profile if no variable is set, and masks its secrets", () => {
    const file = join(folder, "temporal.toml");
    writeFileSync(
      file,
      '[profile.cloud]\naddress = "a.example:7233"\nnamespace = "docs"\napi_key = "canary"\n[profile.cloud.grpc_meta]\nx-team = "canary"\n',
    );
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: "cloud", TEMPORAL_NAMESPACE: "mine" };
    const profile = { origin: "profile", from: "profile cloud" };
    expect(rowOf("TEMPORAL_ADDRESS", env)).toMatchObject({ value: "a.example:7233", ...profile });
    expect(rowOf("TEMPORAL_API_KEY", env)).toMatchObject({ value: "set", ...profile });
    expect(rowOf("TEMPORAL_GRPC_META_*", env)).toMatchObject({ value: "set", ...profile });
    expect(rowOf("TEMPORAL_NAMESPACE", env)).toMatchObject({ value: "mine", origin: "variable" });
    expect(JSON.stringify(at(env))).not.toContain("canary");
  });

  it("masks every secret, and passwords in addresses that are not secret themselves", () => {
    const secrets = SETTINGS.filter(({ secret }) => secret).map(({ name }) => name.replace("*", "X"));
    const env = Object.fromEntries(secrets.map((name) => [name, `canary-${name}`]));
    const addresses = ["WINNOW_LLM_BASE_URL", "WINNOW_S3_ENDPOINT", "HF_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    for (const name of addresses) env[name] = "http://user:canary@host/v1?key=canary";
    env.WINNOW_LLM_MODEL = "m";
    const config = at(env);
    expect(JSON.stringify(config)).not.toContain("canary");
    for (const row of config.settings.filter(({ secret, problem }) => secret && !problem))
      expect(row.value).toBe("set");
    expect(rowOf("WINNOW_LLM_BASE_URL", env).value).toBe("http://...@host/v1?...");
  });

  it("reports each refusal once, of single variables and of contradictory ones", () => {
    const { problems, settings } = at({
      WINNOW_THREADS: "many",
      WINNOW_BUILD_ID: "7",
      WINNOW_LLM_MODEL: "m",
    });
    expect(problems).toEqual([
      'WINNOW_THREADS is "many": give a whole number above 0',
      expect.stringMatching(/^WINNOW_DEPLOYMENT is not set/),
      expect.stringMatching(/^WINNOW_LLM_BASE_URL is not set/),
    ]);
    expect(settings.find(({ name }) => name === "WINNOW_THREADS")!.problem).toBe(problems[0]);
    expect(at({}).problems).toEqual([]);
  });

  it("reports unknown variables with the nearest name, and never their values", () => {
    const config = at({ WINNOW_LLM_APIKEY: "canary", WINNOW_THREAD: "2", OTHER: "x" });
    expect(config.unknown).toEqual([
      { name: "WINNOW_LLM_APIKEY", nearest: "WINNOW_LLM_API_KEY" },
      { name: "WINNOW_THREAD", nearest: "WINNOW_THREADS" },
    ]);
    expect(JSON.stringify(config)).not.toContain("canary");
  });
});
