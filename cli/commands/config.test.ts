import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SETTINGS } from "../../config/allSettings.ts";
import type { EffectiveConfig } from "../../config/effective.ts";
import { projectRoot } from "../../config/read.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `winnow config` as a person would, with only this environment. */
function run(args: string[], env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(projectRoot, "cli", "winnow.mjs"), "config", ...args],
    { encoding: "utf8", env: { PATH: "/usr/bin", HOME: folder, ...env } },
  );
  return { status, stdout, stderr };
}

/** Substrings too long to occur by chance, and short enough to detect a partly masked secret. */
function piecesOf(secret: string): string[] {
  return Array.from({ length: secret.length - 5 }, (_, at) => secret.slice(at, at + 6));
}

describe("winnow config", () => {
  it("prints no part of any secret, whether from variables, addresses or a profile", () => {
    const made: string[] = [];
    const secret = () => {
      made.push(randomBytes(24).toString("hex"));
      return made.at(-1)!;
    };
    const names = SETTINGS.filter(({ secret }) => secret).map(({ name }) => name.replace("*", "TEAM"));
    const env: Record<string, string> = Object.fromEntries(names.map((name) => [name, secret()]));
    const key = randomBytes(32).toString("base64");
    made.push(key);
    const profile = join(folder, "temporal.toml");
    writeFileSync(profile, `[profile.default]\naddress = "a.example:7233"\napi_key = "${secret()}"\n`);
    delete env.TEMPORAL_TLS_CLIENT_KEY_DATA;
    Object.assign(env, {
      WINNOW_PAYLOAD_KEYS: `one:${key}`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secret()}`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `authorization=${secret()}`,
      WINNOW_LLM_BASE_URL: `http://user:${secret()}@llm/v1`,
      WINNOW_LLM_MODEL: "m",
      WINNOW_LLM_APIKEY: secret(),
      TEMPORAL_CONFIG_FILE: profile,
    });
    for (const args of [["--json"], []]) {
      const { status, stdout, stderr } = run(args, env);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(stdout).toContain("WINNOW_LLM_API_KEY");
      for (const piece of made.flatMap(piecesOf)) expect(stdout).not.toContain(piece);
    }
    const { settings } = JSON.parse(run(["--json"], env).stdout) as EffectiveConfig;
    const masked = settings.filter((row) => row.secret && row.origin === "variable");
    expect(masked.length).toBe(names.length - 1);
    expect(new Set(masked.map(({ value }) => value))).toEqual(new Set(["set"]));
  });

  it("works even if everything else is refused, names the variable and the expected value, and exits 2", () => {
    const env = { WINNOW_THREADS: "many", TEMPORAL_TLS: "yes", TEMPORAL_CONFIG_FILE: "" };
    const { status, stdout } = run([], env);
    expect(status).toBe(2);
    expect(stdout).toContain('✘ WINNOW_THREADS is "many": give a whole number above 0');
    expect(stdout).toContain("✘ Connection to Temporal: TEMPORAL_TLS is");
    expect(stdout).toMatch(/WINNOW_THREADS +environment +refused, see below/);
  });

  it("shows values by group with their sources, and suggests a name for unknown variables", () => {
    const { stdout, status } = run([], { WINNOW_HOME: "/data/w", WINNOW_ENGINE: "2", TEMPORAL_CONFIG_FILE: "" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Storage\n {2}WINNOW_HOME +environment +\/data\/w\n/);
    expect(stdout).toMatch(/WINNOW_ARTIFACTS_CACHE_GB +default +20\n/);
    expect(stdout).toMatch(/WINNOW_ENGINES +this machine +\d\n/);
    expect(stdout).toContain("WINNOW_ENGINE is not a setting of Winnow. Did you mean WINNOW_ENGINES?");
    expect(stdout).not.toContain("WINNOW_FAILPOINT");
  });
});
