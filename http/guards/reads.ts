import type { Context } from "hono";

const READS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** True for a request that changes nothing and has no body. */
export function isRead(c: Context): boolean {
  return READS.includes(c.req.method);
}
