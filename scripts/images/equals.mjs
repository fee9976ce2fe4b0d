// Equals of the compose file's foreign images for an engine without a registry: programs by Go and Debian.
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleFolder } from "../infra/schemas.mjs";
import { cache } from "../setup/paths.mjs";
import { provideTemporal } from "../setup/temporal.mjs";
import { goProgram, versitygw } from "../setup/versitygw.mjs";
import { capture } from "./capture.mjs";

const FOLDER = fileURLToPath(new URL("services", import.meta.url));
const SERVER = "go.temporal.io/server";

/** What the context of an image's build holds: name of the file -> its source. `version` is the tag of the image. */
const CONTEXTS = {
  postgres: async () => ({ "postgres.sh": join(FOLDER, "postgres.sh") }),
  "admin-tools": async (version) => ({
    temporal: await cli(),
    "temporal-sql-tool": await program("temporal-sql-tool", "cmd/tools/sql", version),
    schema: join(await moduleFolder(`${SERVER}@v${version}`), "schema"),
  }),
  server: async (version) => ({
    "temporal-server": await program("temporal-server", "cmd/server", version),
    "server.sh": join(FOLDER, "server.sh"),
  }),
  versitygw: async () => ({ versitygw: await versitygw() }),
  busybox: async () => ({}),
};

/** Builds the equal of a foreign image, under a tag of its own. Throws for an image without one. */
export async function buildEqual(build, image, base) {
  const [name, version] = image.split("/").at(-1).split(":");
  const contents = CONTEXTS[name];
  if (!contents) throw new Error(`there is no equal of ${image} here`);
  const context = await mkdtemp(join(tmpdir(), "winnow-equal-"));
  try {
    for (const [file, source] of Object.entries(await contents(version)))
      await cp(source, join(context, file), { recursive: true });
    const tag = `localhost/winnow-equal-${name}:${version}`;
    await build({ file: join(FOLDER, "Dockerfile"), target: name, tag, context, args: { BASE: base } });
    return tag;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function cli() {
  await provideTemporal({ own: true });
  const cached = join(cache, "bin", "temporal");
  return existsSync(cached) ? cached : capture("sh", ["-c", "command -v temporal"]);
}

const program = (name, path, version) =>
  goProgram(`${SERVER}/${path}@v${version}`, join(cache, "images", "programs", `${name}-v${version}`));
