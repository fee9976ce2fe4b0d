import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "./allSettings.ts";
import { projectRoot } from "./read.ts";
import { readingOf } from "./reading.ts";

const NAMES = SETTINGS.map(({ name }) => name);
const machine = { cores: 2, coreLimit: 2, memoryBytes: 8 * 2 ** 30 };

/** Names of this form in files that git tracks. Tests are excluded, since they may misspell one on purpose. */
function namesIn(pattern: RegExp, ...places: string[]): Set<string> {
  const listed = execFileSync("git", ["ls-files", ...places], { cwd: projectRoot, encoding: "utf8" });
  const files = listed.split("\n").filter((file) => file !== "" && !/\.test\.\w+$/.test(file));
  return new Set(files.flatMap((file) => readFileSync(join(projectRoot, file), "utf8").match(pattern) ?? []));
}

describe("the schema of settings", () => {
  it("has every WINNOW_ variable named in product, scripts, containers and manifests", () => {
    const rooms = ["contracts", "config", "core", "workflows", "activities", "workers", "client", "http", "mcp", "cli"];
    const others = ["scripts", "tests", "bench", "docker", "infra", "docker-compose.yml"];
    const named = namesIn(/\bWINNOW_[A-Z0-9_]*[A-Z0-9]\b/g, ...rooms, ...others);
    expect(named.size).toBeGreaterThan(30);
    expect([...named].filter((name) => !NAMES.includes(name))).toEqual([]);
  });

  it("has every variable of Temporal, AWS and OpenTelemetry that config/ reads", () => {
    const named = namesIn(/\benv\.(TEMPORAL|AWS|OTEL)_[A-Z0-9_]*[A-Z0-9]\b/g, "config");
    expect(named).toContain("env.TEMPORAL_ADDRESS");
    expect([...named].filter((name) => !NAMES.includes(name.slice("env.".length)))).toEqual([]);
  });

  it("names each variable once and describes all of them", () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    for (const { name, help, default: unset, readBy, kind } of SETTINGS) {
      expect(help, name).toMatch(/^[A-Z`].*\.$/);
      expect(`${unset}${kind.type}${help}`, name).not.toContain("|");
      expect(unset, name).not.toBe("");
      expect(readBy.length, name).toBeGreaterThan(0);
    }
  });

  it("states plain defaults as the reader gets them, and absent or machine-dependent ones in words", () => {
    const { get } = readingOf({}, machine);
    for (const setting of SETTINGS) {
      const value = get(setting);
      const plain = /^`([^`]*)`$/.exec(setting.default)?.[1];
      if (plain === undefined) continue;
      // For TEMPORAL_CONFIG_FILE and the folders, the words stand for a path of the user.
      if (!plain.startsWith("~")) expect(setting.kind.show(value), setting.name).toBe(plain);
    }
  });

  it("marks what holds a key or a password as secret", () => {
    const secrets = SETTINGS.filter(({ secret }) => secret).map(({ name }) => name);
    const suspects = NAMES.filter((name) => /KEY|PASSWORD|TOKEN|SECRET|HEADERS|PROXY|GRPC_META/i.test(name));
    const harmless = /_PATH$|_KEYS_FILE$|^no_proxy$/i;
    expect(suspects.filter((name) => !harmless.test(name)).sort()).toEqual(secrets.sort());
  });

  it("refuses no secret by repeating it", () => {
    for (const { name, kind } of SETTINGS.filter(({ secret }) => secret))
      try {
        kind.parse("canary-1", name);
      } catch (error) {
        expect(String(error), name).not.toContain("canary-1");
      }
  });
});

describe("a variable", () => {
  it("that is empty counts as unset, except where the empty text is a value", () => {
    const empty = readingOf(Object.fromEntries(NAMES.map((name) => [name, ""])), machine);
    const given = SETTINGS.filter((setting) => empty.given(setting) !== undefined).map(({ name }) => name);
    expect(given).toEqual(["TEMPORAL_CONFIG_FILE", "WINNOW_GIT_HOSTS"]);
  });

  it("of the wrong form is refused with its name and the expected form", () => {
    const wrong: Record<string, RegExp> = {
      WINNOW_PROVIDER: /"x": give cpu or cuda/,
      WINNOW_ARTIFACTS: /"x": give s3:\/\/bucket or s3:\/\/bucket\/prefix/,
      WINNOW_ARTIFACTS_CACHE_GB: /x: give gigabytes/,
      WINNOW_STATES_MB: /"x": give a whole number, or 0 for none/,
      WINNOW_STATES_DISK_MB: /"x": give a whole number, or 0 for none/,
      WINNOW_VECTORS: /: give weaviate\+http/,
      WINNOW_SEARCH: /: give weaviate\+http/,
      WINNOW_LLM: /"x": give local or local:FILE\.gguf/,
      WINNOW_LLM_MIN_SPEED: /"x": give a number from 0/,
      WINNOW_POOLS_ON_DEMAND: /"x": give queues of winnow/,
      WINNOW_HTTP_ORIGINS: /"x": give origins such as https/,
      WINNOW_HTTP_TOKENS: /: a token has at least 16/,
      WINNOW_HTTP_ASK_TOKENS: /: a token has at least 16/,
      OTEL_EXPORTER_OTLP_ENDPOINT: /: give http:\/\/HOST:4318/,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: /: give http:\/\/HOST:4318/,
      OTEL_EXPORTER_OTLP_HEADERS: /: give name=value/,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: /: give name=value/,
    };
    for (const setting of SETTINGS) {
      const numbered = /^(whole number above 0|port)$/.test(setting.kind.type);
      const address = setting.kind.type === "URL" ? /"x": give an http or https address/ : undefined;
      const message = numbered ? /"x": give a whole number above 0/ : (wrong[setting.name] ?? address);
      const read = () => readingOf({ [setting.name]: "x" }, machine).given(setting);
      if (!message) expect(read, setting.name).not.toThrow();
      else {
        expect(read, setting.name).toThrow(message);
        expect(read, setting.name).toThrow(new RegExp(`^${setting.name}\\b`));
      }
    }
  });

  it("that is an address is used as parsed: no two programs read two hosts in it", () => {
    const setting = SETTINGS.find(({ name }) => name === "WINNOW_S3_ENDPOINT")!;
    const read = (text: string) => readingOf({ WINNOW_S3_ENDPOINT: text }, machine).given(setting);
    expect(read("HTTP://Store.Example:9000")).toBe("http://store.example:9000");
    expect(read("https://store.example/v1/")).toBe("https://store.example/v1/");
    for (const text of [
      ...["http://store.example\\@evil.test/", "http:\\\\store.example", "http://store.example/a b", "http://st\tore"],
      ...["file:///etc/passwd", "ftp://store.example", "javascript:alert(1)", "//store.example", "store.example:9000"],
      ...["http://", "http://st\u00adore.example", "http://store\u202e.example", " http://store.example"],
    ])
      expect(() => read(text), text).toThrow(/^WINNOW_S3_ENDPOINT is .*give an http or https address/);
  });

  it("takes precedence over its fallback variables, and those over the default", () => {
    const value = (name: string, env: Record<string, string>) =>
      readingOf(env, machine).get(SETTINGS.find((setting) => setting.name === name)!);
    const chain = ["WINNOW_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
    for (const [at, name] of chain.entries()) {
      const env = Object.fromEntries(chain.slice(at).map((each) => [each, `http://${each.toLowerCase()}`]));
      expect(value("WINNOW_S3_ENDPOINT", env)).toBe(`http://${name.toLowerCase()}`);
    }
    expect(value("AWS_REGION", { AWS_REGION: "a", AWS_DEFAULT_REGION: "b" })).toBe("a");
    expect(value("AWS_REGION", { AWS_DEFAULT_REGION: "b" })).toBe("b");
    expect(value("WINNOW_HOME", { XDG_DATA_HOME: "/data" })).toBe("/data/winnow");
    expect(value("WINNOW_CACHE", { XDG_CACHE_HOME: "/c", WINNOW_CACHE: "/w" })).toBe("/w");
  });
});
