import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Env } from "../protocol.ts";

/**
 * Headers of every response. Scripts, styles and pictures come from this server alone, and nothing inline. HSTS is left
 * to the proxy that speaks https. Responses are not cached unless a route says so.
 */
export function headers(): MiddlewareHandler<Env> {
  const secure = secureHeaders({
    strictTransportSecurity: false,
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
    },
  });
  return async (c, next) => {
    await secure(c, next);
    if (c.get("embedded")) c.res.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  };
}
