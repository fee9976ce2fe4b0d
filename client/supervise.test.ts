import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isAlive } from "./processes.ts";
import type { StackEvent } from "./stackEvents.ts";
import { type Part, supervise } from "./supervise.ts";

/** Prints a line once it runs. Ignores SIGTERM if it is deaf; starts a child of its own if it is a parent. */
function part(source = ""): Part {
  const script = `${source}; console.log("ready"); setInterval(() => {}, 1000)`;
  return {
    name: "workers",
    log: "workers.log",
    graceMs: 60_000,
    start: () => spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] }),
    async ready(child) {
      const ended = once(child, "exit").then(() => Promise.reject(new Error("ended at start")));
      await Promise.race([once(child.stdout!, "data"), ended]);
    },
  };
}

function watching() {
  const pids: number[] = [];
  const events: StackEvent[] = [];
  return { pids, events, onPid: (pid: number) => pids.push(pid), onEvent: (event: StackEvent) => events.push(event) };
}

describe("a supervised process", () => {
  it("is started again when it ends by itself, and not once it is stopped", async () => {
    const seen = watching();
    const running = await supervise(part(), seen);
    process.kill(seen.pids[0]!, "SIGKILL");
    await expect.poll(() => seen.pids.length, { timeout: 30_000 }).toBe(3);
    expect(seen.pids[1]).toBe(0);
    expect(seen.events).toEqual([
      { kind: "ended", part: "workers", how: "SIGKILL", restartSeconds: 1, log: "workers.log" },
    ]);
    expect(await running.end()).toBe(false);
    expect(isAlive(seen.pids[2]!)).toBe(false);
    expect(seen.pids).toHaveLength(3);
  });

  it("that does not react to SIGTERM is killed soon once the user hurries, with what it started", async () => {
    const seen = watching();
    const deaf = `process.on("SIGTERM", () => {});
      const { spawn } = require("node:child_process");
      console.log(spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }).pid)`;
    const deafPart = part(deaf);
    let grandchild = 0;
    const running = await supervise(
      {
        ...deafPart,
        start() {
          const child = deafPart.start();
          child.stdout!.once("data", (text) => {
            grandchild = Number.parseInt(String(text), 10);
          });
          return child;
        },
      },
      seen,
    );
    await expect.poll(() => grandchild, { timeout: 30_000 }).toBeGreaterThan(0);
    const hurry = new AbortController();
    const ending = running.end(hurry.signal);
    hurry.abort();
    expect(await ending).toBe(true);
    expect(isAlive(seen.pids[0]!)).toBe(false);
    await expect.poll(() => isAlive(grandchild)).toBe(false);
  });

  it("whose start is stopped is gone before the call returns", async () => {
    const stop = new AbortController();
    const children: ReturnType<Part["start"]>[] = [];
    const slow = part();
    const starting = supervise(
      {
        ...slow,
        start: () => {
          children.push(slow.start());
          return children[0]!;
        },
        ready: () => new Promise(() => {}),
      },
      { ...watching(), stop: stop.signal },
    );
    stop.abort();
    await expect(starting).rejects.toMatchObject({ code: "Cancelled" });
    expect(isAlive(children[0]!.pid!)).toBe(false);
  });

  it("that ends at its first start fails the call", async () => {
    await expect(supervise(part("process.exit(3)"), watching())).rejects.toThrow("ended at start");
  });
});
