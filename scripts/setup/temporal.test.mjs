import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { namedServer, usable } from "./temporal.mjs";

describe.skipIf(process.platform === "win32")("a Temporal CLI found on the machine", () => {
  let folder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-temporal-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(body) {
    const file = join(folder, "temporal");
    await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return file;
  }

  it("is accepted by the version of its server, also if a Go build has no version of its own", async () => {
    const file = await program('echo "temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)"');
    expect(await usable(file)).toEqual({ version: "server 1.29.1", problem: null });
  });

  it("is refused with the reason if its server is too old", async () => {
    const file = await program('echo "temporal version 0.10.7 (Server 1.22.1, UI 2.21.3)"');
    expect((await usable(file)).problem).toMatch(/too old: Server 1\.22\.1, at least 1\.24 is needed/);
  });

  it("is refused if it does not run; a missing one is no problem", async () => {
    expect((await usable(await program("echo cannot execute >&2; exit 1"))).problem).toMatch(/cannot execute/);
    expect(await usable(join(folder, "absent"))).toEqual({ version: null, problem: null });
  });
});

describe("a Temporal server the user runs", () => {
  let folder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-temporal-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is named by TEMPORAL_ADDRESS, otherwise by a profile; a broken profile names none", async () => {
    const file = join(folder, "temporal.toml");
    await writeFile(file, '[profile.default]\naddress = "one:7233"\n[profile.cloud]\naddress = "two:7233"\n');
    const env = { TEMPORAL_CONFIG_FILE: file };
    expect(await namedServer(env)).toBe("one:7233 (profile default)");
    expect(await namedServer({ ...env, TEMPORAL_PROFILE: "cloud" })).toBe("two:7233 (profile cloud)");
    const both = { ...env, TEMPORAL_ADDRESS: "three:7233", TEMPORAL_PROFILE: "" };
    expect(await namedServer(both)).toBe("three:7233 (TEMPORAL_ADDRESS)");
    expect(await namedServer({ TEMPORAL_CONFIG_FILE: "" })).toBeNull();
    await writeFile(file, "[profile");
    expect(await namedServer(env)).toBeNull();
  });
});
