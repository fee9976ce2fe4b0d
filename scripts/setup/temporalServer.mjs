// Prints the paths of the multi-service Temporal server, its schema tool, its schema and PostgreSQL's programs as JSON.
// They are cached, or built with Go (minutes) and installed from Debian. For `npm run test:cluster`.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { moduleFolder } from "../infra/schemas.mjs";
import { cache } from "./paths.mjs";
import { run, tail } from "./run.mjs";
import { goProgram } from "./versitygw.mjs";

const MODULE = "go.temporal.io/server";
const VERSION = "v1.29.1";

const program = (name, path) => goProgram(`${MODULE}/${path}@${VERSION}`, join(cache, "bin", name));

/** Folder of initdb and postgres, which Debian does not put on PATH. */
async function postgres() {
  const found = await postgresFolder();
  if (found) return found;
  const { code, output } = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]);
  const installed = await postgresFolder();
  if (installed) return installed;
  throw new Error(`PostgreSQL cannot be had (apt-get install postgresql: ${code} ${tail(output, 2)})`);
}

async function postgresFolder() {
  const versions = "/usr/lib/postgresql";
  const names = await readdir(versions).catch(() => []);
  const folders = names.map((name) => join(versions, name, "bin"));
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

const schema = join(await moduleFolder(`${MODULE}@${VERSION}`), "schema", "postgresql", "v12");
const server = await program("temporal-server", "cmd/server");
const sql = await program("temporal-sql-tool", "cmd/tools/sql");
console.log(JSON.stringify({ server, sql, schema, postgres: await postgres() }));
