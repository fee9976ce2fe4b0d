import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import type { Doors } from "../client/doors.ts";
import type { Access } from "./access.ts";
import { limited } from "./atOnce.ts";
import { type Failure, failureOf, HttpFailure, needsLog } from "./failure.ts";
import { bodies } from "./guards/bodies.ts";
import { isProxied } from "./guards/deciders.ts";
import { headers } from "./guards/headers.ts";
import { hosts } from "./guards/hosts.ts";
import { crossOrigin, origins } from "./guards/origins.ts";
import { noTokenInUrl, tokens } from "./guards/tokens.ts";
import { registerHealth } from "./health.ts";
import { registerDescription } from "./openapi.ts";
import { type Assets, createAssets, registerAssets } from "./page/assets.ts";
import { Pages, wantsPage } from "./page/pages.tsx";
import { registerViews } from "./page/register.ts";
import { registerSession } from "./page/session/routes.tsx";
import type { App, Env } from "./protocol.ts";
import { PROTOCOLS } from "./protocols.ts";

export interface AppOptions {
  doors: Doors;
  access: Access;
  /** Shows callers the causes of failures inside, with addresses and folders. Only for callers on this machine. */
  causes: boolean;
  /** Receives what callers are not told, with the id of the request. */
  onFailure?: (thrown: unknown, requestId: string) => void;
  /** Style and scripts of the page. */
  assets?: Assets;
}

const MAX_BODY_BYTES = 256 * 1024;

/**
 * The server as a web-standard `fetch`: guards, then the routes of every protocol.
 *
 * @example
 * const app = createApp({ doors, access, causes: true });
 * const response = await app.request("/v1/ask", { method: "POST", headers, body: '{"question": "what is a pod?"}' });
 */
export function createApp({ doors, access, causes, onFailure = () => {}, assets = createAssets() }: AppOptions): App {
  const app: App = new OpenAPIHono<Env>({ defaultHook });
  const told = (thrown: unknown, c: Context<Env>): Failure => {
    const failure = failureOf(thrown, { causes: c.var.causes });
    if (needsLog(failure)) onFailure(thrown, c.get("requestId"));
    return failure;
  };
  const pages = new Pages(assets);
  const failed = (c: Context<Env>, failure: Failure) =>
    wantsPage(c) && !protocolAt(c.req.path) ? pages.fail(withRetry(c, failure), failure) : inShape(c, failure);
  app.onError((thrown, c) => failed(c, told(thrown, c)));
  app.notFound((c) =>
    failed(c, { status: 404, code: "NotFound", message: "there is no such path: see /openapi.json", retryAfter: null }),
  );
  app.use(requestId(), headers(), async (c, next) => {
    c.set("causes", causes && !isProxied(c));
    c.set("failure", (thrown) => told(thrown, c));
    await next();
  });
  registerHealth(app, doors);
  app.use(hosts(access), origins(access), crossOrigin(access), noTokenInUrl);
  registerDescription(app, access);
  registerAssets(app, assets);
  registerSession(app, access, pages);
  const served = limited(doors, access.questionsAtOnce);
  app.use(tokens(access));
  registerViews(app, served, pages, access);
  app.use(bodies((path) => protocolAt(path)?.maxBodyBytes ?? MAX_BODY_BYTES));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, allowed) => failed(c, notAllowed(c, allowed)) }));
  for (const protocol of PROTOCOLS) protocol.register(app, served, { onFailure });
  return app;
}

/** Refuses what a route's schema does not allow, and names each wrong field. */
function defaultHook(result: {
  success: boolean;
  error?: { issues: { path: PropertyKey[]; message: string }[] };
}): void {
  if (result.success) return;
  const problems = (result.error?.issues ?? [])
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.map(String).join(".") || "body"}: ${message}`);
  throw new HttpFailure(400, "BadInput", problems.join("; "));
}

/** Enough to mend an input by. */
const MAX_PROBLEMS = 10;

function notAllowed(c: Context, allowed: string[]): Failure {
  c.header("Allow", allowed.join(", "));
  const message = `${c.req.method} is not allowed here, only ${allowed.join(", ")}`;
  return { status: 405, code: "MethodNotAllowed", message, retryAfter: null };
}

function withRetry(c: Context<Env>, { retryAfter }: Failure): Context<Env> {
  if (retryAfter !== null) c.header("Retry-After", `${retryAfter}`);
  return c;
}

/** The response in the shape of the protocol that the path belongs to. */
function inShape(c: Context<Env>, failure: Failure): Response {
  const body = protocolAt(c.req.path)?.errorBody?.(failure, c) ?? ownBody(failure, c);
  return withRetry(c, failure).json(body, failure.status);
}

/** Errors of Winnow's own API. */
function ownBody({ code, message, retryAfter }: Failure, c: Context<Env>): object {
  const wait = retryAfter === null ? {} : { retryAfter };
  return { error: { code, message, ...wait, requestId: c.get("requestId") } };
}

function protocolAt(path: string) {
  return PROTOCOLS.find(({ paths }) =>
    paths?.some((own) => path === own || (own.endsWith("/") && path.startsWith(own))),
  );
}
