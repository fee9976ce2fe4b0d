import { choice, whole } from "../kinds.ts";
import { type Group, setting } from "../schema.ts";
import { STATES_DISK, STATES_MEMORY } from "./states.ts";

export const PROVIDER = setting({
  name: "WINNOW_PROVIDER",
  kind: choice("cpu", "cuda"),
  default: "`cpu`",
  help: "Processor that models are computed on. `cuda` needs an NVIDIA GPU and the CUDA libraries of ONNX Runtime.",
  readBy: ["workers", "cli"],
  fallback: () => "cpu" as const,
});

export const THREADS = setting({
  name: "WINNOW_THREADS",
  kind: whole,
  default: "the CPU limit of the container, otherwise one thread for each core",
  help: "Threads of native code in one compute process. The limit of the container is a default of the workers alone.",
  readBy: ["workers", "cli"],
  fromMachine: true,
  fallback: ({ machine }) => machine().coreLimit ?? null,
});

export const COMPUTE: Group = {
  title: "Compute",
  about: "How compute processes run models.",
  settings: [PROVIDER, THREADS, STATES_MEMORY, STATES_DISK],
};
