import { EXIT } from "./exit.ts";

/** Ctrl-C, `kill`, and the end of the terminal. */
const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One key press reaches this process by several ways: from the terminal, from npm, from the process that started it. */
const ONE_PRESS_MS = 250;

/** Signals of work that cleans up after itself. */
export interface Stopping {
  /** Aborts at the first interrupt: stop, and leave nothing behind. */
  stop: AbortSignal;
  /** Aborts at the second one: the same, without waiting for what can be left undone. */
  hurry: AbortSignal;
}

/** Interrupts of a command, from its start to its end. Outside of `during`, an interrupt ends the process at once. */
export class Interrupts implements Stopping {
  private readonly first = new AbortController();
  private readonly second = new AbortController();
  private readonly listeners: (() => void)[] = [];
  private lastMs = Number.NEGATIVE_INFINITY;
  private active = 0;

  constructor(private readonly exit: (code: number) => void = (code) => process.exit(code)) {}

  get stop(): AbortSignal {
    return this.first.signal;
  }

  get hurry(): AbortSignal {
    return this.second.signal;
  }

  /** Takes over the signals of the process, for the rest of its life. */
  listen(): this {
    for (const name of NAMES) process.on(name, () => this.interrupt());
    return this;
  }

  /** Runs work that ends by itself once `stop` aborts. `onInterrupt` is called at the first interrupt. */
  async during<T>(work: (stopping: Stopping) => Promise<T>, onInterrupt: () => void = () => {}): Promise<T> {
    this.active++;
    this.listeners.push(onInterrupt);
    try {
      return await work(this);
    } finally {
      this.active--;
      this.listeners.splice(this.listeners.indexOf(onInterrupt), 1);
    }
  }

  /** Resolves at the first interrupt. */
  wait(): Promise<void> {
    return this.during(
      ({ stop }) =>
        new Promise((settle) => {
          if (stop.aborted) settle();
          else stop.addEventListener("abort", () => settle(), { once: true });
        }),
    );
  }

  /** Called for each signal. */
  interrupt(now: number = performance.now()): void {
    if (this.active === 0) {
      this.exit(EXIT.cancelled);
    } else if (now - this.lastMs >= ONE_PRESS_MS) {
      this.lastMs = now;
      if (this.stop.aborted) this.second.abort();
      else this.abort();
    }
  }

  private abort(): void {
    for (const listener of [...this.listeners]) listener();
    this.first.abort();
  }
}
