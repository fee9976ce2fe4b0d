import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { addressFor, partsOf, withoutUsers } from "./base.mjs";
import { healthCommand, readServices, specOf, volumeNames } from "./compose.mjs";
import { docker, optionsOf } from "./docker.mjs";
import { summaryTable } from "./pools.mjs";
import { sizeLines } from "./sizes.mjs";

const services = readServices({ WINNOW_S3_USER: "other", WINNOW_HTTP_ALLOWED_HOSTS: "web" });

describe("the compose file's services", () => {
  it("have given, usual and absent values for their variables", () => {
    expect(services.s3.environment).toEqual({ ROOT_ACCESS_KEY: "other", ROOT_SECRET_KEY: "winnow-on-loopback" });
    expect(services.web.environment.WINNOW_HTTP_ALLOWED_HOSTS).toBe("web");
    expect(services.web.environment.WINNOW_HTTP_RATE).toBeNull();
    expect(services.schema.command[0]).toContain("--db $name create");
  });

  it("become containers with read-only roots, their volumes and their docs", () => {
    const volumes = { cpu: "/volumes/cpu" };
    const spec = specOf("cpu", services.cpu, { volumes, image: "winnow-cpu:tested", folder: "/clone" });
    expect(spec).toMatchObject({ image: "winnow-cpu:tested", alias: "cpu", readOnly: true });
    expect(spec.tmpfs).toEqual([{ target: "/tmp", bytes: 512 * 2 ** 20 }]);
    expect(spec.mounts).toEqual([
      { source: "/volumes/cpu", target: "/var/lib/winnow", readOnly: false },
      { source: "/clone/samples", target: "/docs", readOnly: true },
    ]);
    expect(Object.values(spec.environment)).not.toContain("null");
    expect(specOf("s3", services.s3, { volumes: {}, image: "s3" }).readOnly).toBe(false);
  });

  it("keep state in the volumes that the file declares", () => {
    expect(volumeNames(services)).toEqual(expect.arrayContaining(["postgresql", "s3", "cpu", "gpu", "query", "web"]));
    expect(volumeNames(services).some((name) => name.includes("/"))).toBe(false);
  });

  it("are checked by a shell or by a program", () => {
    expect(healthCommand(["CMD-SHELL", "nc -w 2 localhost 1"])).toEqual(["/bin/sh", "-c", "nc -w 2 localhost 1"]);
    expect(healthCommand(["CMD", "ollama", "list"])).toEqual(["ollama", "list"]);
  });
});

describe("docker run", () => {
  it("gets a read-only root, no capabilities, names, volumes and a command", () => {
    const mounts = [
      { source: "state", target: "/var/lib/winnow" },
      { source: "/docs", target: "/docs", readOnly: true },
    ];
    const options = optionsOf({
      ...{ image: "winnow-cpu", alias: "cpu", readOnly: true, mounts, network: { name: "inside" } },
      ...{ entrypoint: ["node", "cli/winnow.mjs"], command: ["--help"], environment: { A: "b c" } },
      tmpfs: [{ target: "/tmp", bytes: 1024 }],
    });
    expect(options.join(" ")).toBe(
      "--read-only --cap-drop ALL --security-opt no-new-privileges --network inside --network-alias cpu --hostname cpu " +
        "--tmpfs /tmp:size=1024,mode=1777 -v state:/var/lib/winnow -v /docs:/docs:ro -e A=b c --entrypoint node winnow-cpu " +
        "cli/winnow.mjs --help",
    );
  });

  it.skipIf(process.platform === "win32")("is removed with its anonymous volumes (no shell on Windows)", async () => {
    const folder = mkdtempSync(join(tmpdir(), "winnow-docker-"));
    const log = join(folder, "log");
    writeFileSync(join(folder, "docker"), `#!/bin/sh\necho "$*" >> ${log}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    try {
      const container = await docker.start({ image: "winnow-cpu" });
      await container.exited;
      await container.remove();
      expect(readFileSync(log, "utf8")).toMatch(/^rm --force --volumes winnow-[0-9a-f]{8}$/m);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a base image made here", () => {
  it("has the versions of its name, and other names are refused", () => {
    expect(partsOf("node:24.21.0-bookworm-slim")).toEqual({ node: "24.21.0", suite: "bookworm" });
    expect(() => partsOf("nvidia/cuda:12.8.1")).toThrow("nvidia/cuda:12.8.1 is no image of Node's");
  });

  it("contains no registry's address with a user or token, and errors name none", () => {
    const said = [];
    const say = (...words) => said.push(words.join(": "));
    expect(addressFor("npm", "https://npm.example.com/a@b/", say)).toBe("https://npm.example.com/a@b/");
    expect(addressFor("pip", "ERROR: No such key", say)).toBeUndefined();
    expect(said).toEqual([]);
    for (const user of ["me:secret", "secret", ":secret"])
      expect(addressFor("pip", `https://${user}@pip.example.com/simple`, say)).toBeUndefined();
    expect(said).toHaveLength(3);
    expect(said.join()).not.toContain("secret");
    expect(said[0]).toMatch(/that pip has configured/);
    expect(withoutUsers("404 https://me:secret@npm.example.com/a and b@c")).toBe(
      "404 https://npm.example.com/a and b@c",
    );
  });
});

describe("the summary", () => {
  it("gives sizes with and without weights, and a dash for what was not measured", () => {
    const row = { name: "web", bytes: 600e6, models: 92e6, start: Number.NaN, rest: 198e6, passed: 5 };
    expect(summaryTable([row]).at(-1)).toBe("| web | 600 MB | 508 MB | - | 198 MB | 5 |");
  });

  it("names big layers and sums up small ones", () => {
    const layers = [
      { bytes: 5e6, by: "/bin/sh -c #(nop) COPY file" },
      { bytes: 4e5, by: "a" },
      { bytes: 7e5, by: "b" },
    ];
    const lines = sizeLines({ layers, bytes: 6.1e6, models: 1e6, modules: 2e6, packages: [["zod", 2e6]] });
    expect(lines).toEqual([
      "6 MB, 5 MB without weights",
      "  5 MB  COPY file",
      "  1 MB  2 layers under 1 MB",
      "  node_modules 2 MB: zod 2",
    ]);
  });
});
