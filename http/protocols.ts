import type { Protocol } from "./protocol.ts";

/** All protocols that the server speaks. To add one, write a file under `routes/` and a row. */
export const PROTOCOLS: readonly Protocol[] = [];
