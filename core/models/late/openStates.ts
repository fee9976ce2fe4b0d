import type { StateLimits } from "../../base/compute.ts";
import type { WorkContext } from "../../base/progress.ts";
import { type KeptStates, StatesInMemory } from "./keptStates.ts";
import { StatesOnDisk } from "./statesOnDisk.ts";
import type { TokenStates } from "./tokenStates.ts";

/** States within the limits of a process. Without limits nothing is kept, and logits are the same. */
export function openStates({ compute, warn }: Pick<WorkContext, "compute" | "warn">): KeptStates {
  const { memoryBytes, disk }: StateLimits = compute.stateLimits ?? { memoryBytes: 0, disk: null };
  const memory = new StatesInMemory(memoryBytes);
  return disk ? new StatesInBoth(memory, new StatesOnDisk(disk.folder, disk.bytes, warn)) : memory;
}

/** Memory before disk. */
class StatesInBoth implements KeptStates {
  constructor(
    private readonly memory: KeptStates,
    private readonly disk: KeptStates,
  ) {}

  find(layers: string, text: string, bytes: number): TokenStates | null {
    const found = this.memory.find(layers, text, bytes);
    if (found) return found;
    const stored = this.disk.find(layers, text, bytes);
    if (stored) this.memory.keep(layers, text, stored);
    return stored;
  }

  keep(layers: string, text: string, states: TokenStates): void {
    this.memory.keep(layers, text, states);
    this.disk.keep(layers, text, states);
  }
}
