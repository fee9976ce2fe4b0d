import type { Provider } from "../core/base/compute.ts";
import { WinnowError } from "../core/base/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a compute process needs of the environment to find libraries and devices; nothing secret. */
const INHERITED = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LANG",
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "SystemRoot",
];

/** The part of the environment that compute processes are given. */
export function computeEnvironment(env: Environment): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** What compute processes compute with, `WINNOW_PROVIDER`; default: the CPU. Throws BadInput for another name. */
export function providerOf({ WINNOW_PROVIDER: name = "" }: Environment): Provider {
  if (name === "cpu" || name === "cuda") return name;
  if (name === "") return "cpu";
  throw new WinnowError("BadInput", `WINNOW_PROVIDER is ${JSON.stringify(name)}: give cpu or cuda`);
}
