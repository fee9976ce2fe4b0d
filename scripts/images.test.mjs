import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SETTINGS } from "../config/allSettings.ts";
import { readHttpConfig } from "../config/httpConfig.ts";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { root } from "./setup/paths.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const compose = (file) => parse(read(file), { merge: true });

/** Instructions of a Dockerfile, continued lines joined. */
function instructions(text) {
  const lines = text.replace(/\\\n/g, " ").split("\n");
  return lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.trim().split(/\s+/));
}

/**
 * Settings of the image, of tests, of clusters that stop pools (pools on demand: compose keeps all pools up), or of a
 * local model, which the images do not hold: compose has a profile with Ollama.
 */
const NOT_HANDED_ON = new Set([
  ...["WINNOW_HOME", "WINNOW_CACHE", "WINNOW_HEALTH_PORT", "WINNOW_PROVIDER"],
  ...["WINNOW_FAILPOINT", "WINNOW_POOLS_ON_DEMAND"],
  ...["WINNOW_LLM", "WINNOW_LLM_MIN_SPEED"],
]);

/** The user of each stage at its end. */
function usersByStage() {
  const users = {};
  let stage = "";
  for (const [word, first, , name] of dockerfile) {
    if (word === "FROM") users[(stage = name)] = users[first];
    if (word === "USER") users[stage] = first;
  }
  return users;
}

const dockerfile = instructions(read("docker/Dockerfile"));
const targets = dockerfile.filter(([word]) => word === "FROM").map((words) => words.at(-1));

describe("docker/Dockerfile", () => {
  it("copies only files that exist and that .dockerignore does not exclude", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copies = dockerfile.filter(([word, first]) => word === "COPY" && !first.startsWith("--from"));
    const sources = copies.flatMap((words) => words.slice(1, -1));
    expect(sources.length).toBeGreaterThan(10);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(
        allowed.some((path) => source === path || source.startsWith(`${path}/`)),
        `${source} in .dockerignore`,
      ).toBe(true);
    }
  });

  it("copies from stages that come before, and starts files that exist", () => {
    const known = new Set();
    for (const words of dockerfile) {
      const from = words.find((word) => word.startsWith("--from="))?.slice(7);
      if (from) expect(known, from).toContain(from);
      if (words[0] === "FROM") known.add(words.at(-1));
      if (words[0] === "CMD") expect(existsSync(join(root, JSON.parse(words.slice(1).join(" "))[0]))).toBe(true);
    }
  });

  it("has a target for each pool, unprivileged, with a health check, on a pinned base", () => {
    expect(targets).toEqual(expect.arrayContaining(["cpu", "gpu", "query", "web", "all"]));
    for (const target of ["cpu", "gpu", "query", "web", "all"])
      expect(usersByStage()[target], target).toBe("1000:1000");
    // The API answers on a port of its own.
    expect(dockerfile.filter(([word]) => word === "HEALTHCHECK")).toHaveLength(3);
    const bases = dockerfile.filter(([word]) => word === "ARG").map((words) => words[1].split("=")[1]);
    for (const base of bases) expect(base).toMatch(/^[\w/]+:\d[\w.-]+$/);
  });
});

describe("docker-compose.yml", () => {
  const { services, volumes } = compose("docker-compose.yml");

  it("builds targets that exist and starts files that exist", () => {
    const cuda = compose("docker/compose.cuda.yml").services;
    const builds = [...Object.values(services), ...Object.values(cuda)].flatMap(({ build }) => build ?? []);
    expect(builds.map(({ target }) => target).sort()).toEqual(["cpu", "gpu", "query", "web"]);
    for (const { dockerfile: file } of builds) expect(existsSync(join(root, file))).toBe(true);
    expect(existsSync(join(root, services.gpu.command[0]))).toBe(true);
    expect(existsSync(join(root, services.cli.entrypoint[1]))).toBe(true);
  });

  it("opens ports on loopback only, pins every foreign image, and mounts declared volumes", () => {
    for (const [name, { ports = [], image, volumes: mounts = [] }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      if (!image.startsWith("winnow-")) expect(image, name).toMatch(/:v?\d+\.\d+/);
      for (const mount of mounts)
        if (/^\w/.test(mount)) expect(Object.keys(volumes), `${name}: ${mount}`).toContain(mount.split(":")[0]);
    }
  });

  it("registers every search attribute, since runs use none if one is missing", () => {
    const [command] = services.namespace.command;
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
      expect(command, name).toContain(`--name ${name} --type ${type}`);
  });

  it("starts services only after the tables, server, namespace and Ollama that they need", () => {
    const conditions = (name) =>
      Object.entries(services[name].depends_on).map(([on, { condition }]) => [on, condition]);
    expect(conditions("schema")).toEqual([["postgresql", "service_healthy"]]);
    expect(conditions("temporal")).toEqual([["schema", "service_completed_successfully"]]);
    expect(conditions("namespace")).toEqual([["temporal", "service_healthy"]]);
    for (const name of ["cpu", "gpu", "query", "web", "cli"])
      expect(conditions(name)).toContainEqual(["namespace", "service_completed_successfully"]);
    expect(services.ollama.healthcheck.test).toEqual(["CMD", "ollama", "list"]);
    expect(services["ollama-model"].depends_on.ollama.condition).toBe("service_healthy");
  });

  it("runs the server and its tools in one version, with the server's configuration file", () => {
    const version = (name) => services[name].image.split(":")[1];
    expect([version("schema"), version("namespace")]).toEqual([version("temporal"), version("temporal")]);
    const [mounted] = services.temporal.volumes[0].split(":");
    expect(parse(read(mounted))["limit.maxIDLength"]).toEqual([{ value: 255 }]);
  });

  it("creates the tables of both databases, and upgrades those of an earlier version", () => {
    const { calls } = run(services.schema, { "temporal-sql-tool": 'echo "$*" >> calls' });
    const steps = (db, folder) => [
      `--db ${db} create`,
      `--db ${db} setup-schema -v 0.0`,
      `--db ${db} update-schema -d /etc/temporal/schema/postgresql/v12/${folder}/versioned`,
    ];
    expect(calls).toEqual([...steps("temporal", "temporal"), ...steps("temporal_visibility", "visibility")]);
    expect(run(services.schema, { "temporal-sql-tool": "echo >> calls; exit 1" })).toMatchObject({
      status: 1,
      calls: [""],
    });
  });

  it("creates a missing namespace", () => {
    const temporal = (found) => `[ "$2 $3" = "namespace describe" ] && exit ${found ? 0 : 1}
[ "$2" = namespace ] && echo "$*" >> calls
for name in a b c d e; do echo "Winnow$name"; done`;
    expect(run(services.namespace, { temporal: temporal(false) }).calls).toEqual([
      "operator namespace create -n default --retention 168h",
    ]);
    expect(run(services.namespace, { temporal: temporal(true) })).toEqual({ status: 0, calls: [] });
  });

  it("retries until the server has all search attributes, for a limited time", () => {
    const registered = ({ refusals, known }) =>
      run(services.namespace, {
        temporal: `[ "$2" = namespace ] && exit 0
if [ "$3" = create ]; then echo >> calls; exit 1; fi
[ "$(wc -l < calls)" -gt ${refusals} ] || exit 1
${known.map((name) => `echo "  ${name}   Keyword"`).join("\n")}`,
      });
    const names = Object.keys(SEARCH_ATTRIBUTES);
    const { status, calls } = registered({ refusals: 3, known: names });
    expect([status, calls.length]).toEqual([0, 4]);
    const incomplete = registered({ refusals: 0, known: names.slice(1) });
    expect([incomplete.status, incomplete.calls.length]).toEqual([1, 60]);
  });

  /**
   * Runs a service's command with stand-ins for the programs it calls. Returns the lines that they wrote to `calls`.
   */
  function run({ entrypoint: [shell, ...options], command: [script] }, programs) {
    const cwd = mkdtempSync(join(tmpdir(), "winnow-compose-"));
    for (const [name, text] of Object.entries({ sleep: "exit 0", ...programs }))
      writeFileSync(join(cwd, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    try {
      const env = { PATH: `${cwd}:${process.env.PATH}` };
      const { status } = spawnSync(shell, [...options, script.replaceAll("$$", "$")], { env, cwd });
      const calls = existsSync(join(cwd, "calls"))
        ? readFileSync(join(cwd, "calls"), "utf8").split("\n").slice(0, -1)
        : [];
      return { status, calls };
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  }

  it("passes on every setting that workers read, and leaves unset ones unset", () => {
    const read = SETTINGS.filter(({ readBy }) => readBy.includes("workers")).map(({ name }) => name);
    const settings = read.filter((name) => /^(WINNOW|OTEL)_/.test(name));
    expect(settings.length).toBeGreaterThan(30);
    const given = services.cpu.environment;
    for (const setting of settings) if (!NOT_HANDED_ON.has(setting)) expect(Object.keys(given)).toContain(setting);
    for (const setting of NOT_HANDED_ON) expect(Object.keys(given)).not.toContain(setting);
    // Empty is not unset: it would allow no host.
    expect(given.WINNOW_GIT_HOSTS).toBeNull();
    for (const name of ["gpu", "query", "cli"]) expect(services[name].environment).toEqual(given);
  });

  it("gives the API what the pools have, its own settings, and a token, since its container listens off loopback", () => {
    const { WINNOW_HTTP_TOKENS: tokens, WINNOW_TEMPORAL_UI: ui, ...given } = services.web.environment;
    const own = SETTINGS.filter(({ readBy, name }) => readBy.includes("api") && name.startsWith("WINNOW_HTTP_"));
    const image = ["WINNOW_HTTP_HOST", "WINNOW_HTTP_PORT", "WINNOW_HTTP_DRAIN_SECONDS", "WINNOW_HTTP_TOKENS"];
    const names = own.map(({ name }) => name).filter((name) => !image.includes(name));
    expect(given).toEqual({ ...services.cpu.environment, ...Object.fromEntries(names.map((name) => [name, null])) });
    const [, usual] = /^\$\{WINNOW_HTTP_TOKENS:-(.*)\}$/.exec(tokens);
    expect(readHttpConfig({ WINNOW_HTTP_HOST: "0.0.0.0", WINNOW_HTTP_TOKENS: usual }).http.tokens).toEqual([usual]);
    expect(services["temporal-ui"].ports[0]).toBe(`127.0.0.1:${new URL(ui).port}:8080`);
    expect(services.web.ports).toEqual(["127.0.0.1:8090:8090"]);
  });

  it("gives the pools read-only roots and no privileges, and only settings that Winnow reads", () => {
    const known = SETTINGS.map(({ name }) => name);
    for (const name of ["cpu", "gpu", "query", "web", "cli"]) {
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ["ALL"], init: true });
      for (const variable of Object.keys(services[name].environment)) expect(known, variable).toContain(variable);
    }
  });
});
