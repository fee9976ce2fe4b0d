import { statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StateLimits } from "../../core/base/compute.ts";
import { wholeOrNone } from "../kinds.ts";
import { type Reading, setting } from "../schema.ts";
import { CACHE } from "./storage.ts";

const MB = 2 ** 20;
const MEMORY_SHARE = 1 / 16;
const MOST_MEMORY_MB = 1024;
const DISK_SHARE = 1 / 20;
const MOST_DISK_MB = 4096;

export const STATES_MEMORY = setting({
  name: "WINNOW_STATES_MB",
  kind: wholeOrNone,
  default: "a sixteenth of the free memory, at most 1,024",
  help: "Memory of one compute process for passage states, in MB. With a passage's states at hand the reranker computes only its joint layers. `0` keeps none in memory. Results do not depend on it.",
  readBy: ["workers", "cli"],
  fromMachine: true,
  fallback({ machine }) {
    const { memoryBytes, freeBytes = memoryBytes } = machine();
    return Math.min(MOST_MEMORY_MB, Math.floor((freeBytes * MEMORY_SHARE) / MB));
  },
});

export const STATES_DISK = setting({
  name: "WINNOW_STATES_DISK_MB",
  kind: wholeOrNone,
  default: "a twentieth of the free disk, at most 4,096",
  help: "Disk for passage states in `states/` of `WINNOW_CACHE`, in MB. All processes of a machine share it. `0` keeps none on disk. Results do not depend on it.",
  readBy: ["workers", "cli"],
  fromMachine: true,
  fallback: ({ get }) => Math.min(MOST_DISK_MB, Math.floor((freeDisk(get(CACHE)) * DISK_SHARE) / MB)),
});

export function readStateLimits({ get }: Reading): StateLimits {
  const bytes = get(STATES_DISK) * MB;
  return {
    memoryBytes: get(STATES_MEMORY) * MB,
    disk: bytes > 0 ? { folder: join(get(CACHE), "states"), bytes } : null,
  };
}

/** Free bytes where a folder is, or will be made; 0 if that is unknown. */
function freeDisk(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return dirname(folder) === folder ? 0 : freeDisk(dirname(folder));
  }
}
