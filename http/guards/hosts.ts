import type { MiddlewareHandler } from "hono";
import { type Access, hostName, LOOPBACK } from "../access.ts";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";

/**
 * Refuses requests whose `Host` is not this server's: a web page can make its own name resolve to 127.0.0.1 (DNS
 * rebinding), and its requests then carry that name. The IP address that the connection was made to is allowed, since
 * it is no name.
 */
export function hosts({ allowedHosts }: Pick<Access, "allowedHosts">): MiddlewareHandler<Env> {
  const known = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  return async (c, next) => {
    const given = c.req.header("host") ?? "";
    const name = hostName(given);
    if (name === null || !(known.has(name) || name === localAddress(c.env?.incoming?.socket?.localAddress)))
      throw new HttpFailure(
        403,
        "HostNotAllowed",
        `the host ${JSON.stringify(given.slice(0, 200))} is not allowed: name it by --allowed-hosts or WINNOW_HTTP_ALLOWED_HOSTS`,
      );
    await next();
  };
}

/** The address without the prefix of an IPv4 address in IPv6 form. */
function localAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:/, "");
}
