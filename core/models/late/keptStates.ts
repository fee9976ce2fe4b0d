import type { TokenStates } from "./tokenStates.ts";

/** Passage states kept by the digest of the layers that compute them and the digest of the text. */
export interface KeptStates {
  /** Null if they are not kept, or are not of this size. */
  find(layers: string, text: string, bytes: number): TokenStates | null;
  keep(layers: string, text: string, states: TokenStates): void;
}

/** Keeps states in memory, at most `limitBytes` of them. The least recently used are dropped first. */
export class StatesInMemory implements KeptStates {
  /** In order of use, the last used last. */
  private readonly known = new Map<string, TokenStates>();
  private bytes = 0;

  constructor(private readonly limitBytes: number) {}

  find(layers: string, text: string, bytes: number): TokenStates | null {
    const key = `${layers}/${text}`;
    const states = this.known.get(key);
    if (states?.byteLength !== bytes) return null;
    this.known.delete(key);
    this.known.set(key, states);
    return states;
  }

  keep(layers: string, text: string, states: TokenStates): void {
    const key = `${layers}/${text}`;
    this.drop(key);
    this.known.set(key, states);
    this.bytes += states.byteLength;
    for (const oldest of this.known.keys()) {
      if (this.bytes <= this.limitBytes) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.known.get(key)?.byteLength ?? 0;
    this.known.delete(key);
  }
}
