import type { Doors } from "../client/doors.ts";
import type { App } from "./protocol.ts";

/** An answer is reused for this time, so that frequent probes cost Temporal and the store nothing. */
const FRESH_MS = 2000;

/**
 * `/healthz` (this process responds) and `/readyz` (Temporal answers and a release serves), for probes. They stand before
 * the guards: a probe names the server by its address, and learns nothing but these words.
 */
export function registerHealth(app: App, doors: Pick<Doors, "unready">, now = () => performance.now()): void {
  let answer: Promise<string | null> | null = null;
  let askedAt = 0;
  const unready = () => {
    if (answer === null || now() - askedAt > FRESH_MS) {
      askedAt = now();
      answer = doors.unready();
    }
    return answer;
  };
  app.get("/healthz", (c) => c.text("alive\n"));
  app.get("/readyz", async (c) => {
    const reason = await unready();
    return c.text(`${reason ?? "ready"}\n`, reason === null ? 200 : 503);
  });
}
