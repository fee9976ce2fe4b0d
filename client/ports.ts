import { createServer } from "node:net";

/** True when nothing listens on the loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.once("error", () => settle(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => settle(true)));
  });
}

/** Returns `preferred` if it is free and not among `taken`, otherwise a free port. */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  if (!taken.includes(preferred) && (await isFree(preferred))) return preferred;
  return new Promise((settle, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => settle(port));
    });
  });
}
