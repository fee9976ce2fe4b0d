import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { placeFile } from "../setup/files.mjs";
import { cache } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";
import { moduleFolder } from "./schemas.mjs";

/**
 * Returns a program of Kubernetes `version`, such as "kubelet": cached, or built with Go (about 15 minutes on 2 cores
 * for the first). Throws if it cannot be built.
 */
export async function kubernetesProgram(name, version) {
  const target = join(cache, "bin", `${name}-${version}`);
  if (existsSync(target)) return target;
  const source = await readFile(join(await moduleFolder(`k8s.io/kubernetes@${version}`), "go.mod"), "utf8");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, ".go-"));
  try {
    await writeFile(join(folder, "go.mod"), requiringKubernetes(version, source));
    const main = `k8s.io/kubernetes/cmd/${name}`;
    await writeFile(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\nimport _ "${main}"\n`);
    const env = { ...process.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
    const named = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
    const { code, output } = await run("go", ["build", "-ldflags", named, "-o", "built", main], { cwd: folder, env });
    if (code !== 0) throw new Error(`${main} cannot be built: ${code === 127 ? "there is no Go" : tail(output, 2)}`);
    await placeFile(join(folder, "built"), target, 0o755);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A go.mod that requires Kubernetes at a version. `source`, its own go.mod, replaces parts of it by folders of its
 * repository; here they become the published modules.
 */
export function requiringKubernetes(version, source) {
  const parts = [...source.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(([, module]) => module);
  const [, go] = /^go (\S+)/m.exec(source);
  const replaced = parts.map((module) => `\t${module} => ${module} ${version.replace(/^v1/, "v0")}`);
  return `module built\n\ngo ${go}\n\nrequire k8s.io/kubernetes ${version}\n\nreplace (\n${replaced.join("\n")}\n)\n`;
}
