const MAX_RETRY_AFTER_MS = 10 * 60_000;

/**
 * Retry-After in milliseconds, from seconds or an HTTP date (RFC 9110 section 10.2.3); null if absent or unreadable.
 */
export function retryAfter(headers: Headers | undefined, now: number = Date.now()): number | null {
  const value = headers?.get("retry-after")?.trim();
  if (!value) return null;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(0, Math.round(wait)), MAX_RETRY_AFTER_MS) : null;
}
