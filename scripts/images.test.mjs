import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { root } from "./setup/paths.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const compose = (file) => parse(read(file), { merge: true });

/** Instructions of a Dockerfile, continued lines joined. */
function instructions(text) {
  const lines = text.replace(/\\\n/g, " ").split("\n");
  return lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.trim().split(/\s+/));
}

const dockerfile = instructions(read("docker/Dockerfile"));
const targets = dockerfile.filter(([word]) => word === "FROM").map((words) => words.at(-1));

describe("docker/Dockerfile", () => {
  it("copies only what is in the tree and not kept out by .dockerignore", () => {
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

  it("has a target for each pool, every one unprivileged, checked for health, on a base fixed by its tag", () => {
    expect(targets).toEqual(expect.arrayContaining(["cpu", "gpu", "query", "all"]));
    expect(dockerfile.filter(([word]) => word === "USER").map((words) => words[1])).toEqual(["1000:1000", "1000:1000"]);
    expect(dockerfile.filter(([word]) => word === "HEALTHCHECK")).toHaveLength(2);
    const bases = dockerfile.filter(([word]) => word === "ARG").map((words) => words[1].split("=")[1]);
    for (const base of bases) expect(base).toMatch(/^[\w/]+:\d[\w.-]+$/);
  });
});

describe("docker-compose.yml", () => {
  const { services, volumes } = compose("docker-compose.yml");

  it("builds targets that exist and starts files that exist", () => {
    const cuda = compose("docker/compose.cuda.yml").services;
    const builds = [...Object.values(services), ...Object.values(cuda)].flatMap(({ build }) => build ?? []);
    expect(builds.map(({ target }) => target).sort()).toEqual(["cpu", "gpu", "query"]);
    for (const { dockerfile: file } of builds) expect(existsSync(join(root, file))).toBe(true);
    expect(existsSync(join(root, services.gpu.command[0]))).toBe(true);
    expect(existsSync(join(root, services.cli.entrypoint[1]))).toBe(true);
  });

  it("opens ports on loopback only, fixes every foreign image by a version, and mounts volumes it declares", () => {
    for (const [name, { ports = [], image, volumes: mounts = [] }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      if (!image.startsWith("winnow-")) expect(image, name).toMatch(/:v?\d+\.\d+/);
      for (const mount of mounts)
        if (/^\w/.test(mount)) expect(Object.keys(volumes), `${name}: ${mount}`).toContain(mount.split(":")[0]);
    }
  });

  it("registers every search attribute; where one is missing, runs carry none", () => {
    const [command] = services.attributes.command;
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
      expect(command, name).toContain(`--name ${name} --type ${type}`);
  });

  it("gives the pools read-only roots and no privileges, and only settings that Winnow reads", () => {
    // Credentials are the SDK's to read.
    const known = `${["workers/config.ts", "core/security/temporalAccess.ts", "core/artifacts/bucketUrl.ts", "core/telemetry/settings.ts"].map(read)} AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY`;
    for (const name of ["cpu", "gpu", "query", "cli"]) {
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ["ALL"], init: true });
      for (const variable of Object.keys(services[name].environment)) expect(known, variable).toContain(variable);
    }
  });
});
