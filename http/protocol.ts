import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RequestIdVariables } from "hono/request-id";
import type { Doors } from "../client/doors.ts";
import type { Failure } from "./failure.ts";

/** Bindings are absent in requests without a socket, as in tests. */
export interface Env {
  Bindings: Partial<HttpBindings>;
  Variables: RequestIdVariables & {
    /** The failure that the caller sees for anything thrown after the headers were sent. It is logged. */
    failure: (thrown: unknown) => Failure;
    /** True for a caller who may see causes that name addresses and folders of the server. */
    causes: boolean;
    /** Names the shape of errors where protocols share a path. */
    dialect?: string;
    /** Fields of a form that the page sent. */
    form?: URLSearchParams;
    /** Pages of other sites may load the response. */
    embedded?: boolean;
  };
}

export type App = OpenAPIHono<Env>;

/** One protocol that the server speaks: its routes, and the shape of errors under its paths. */
export interface Protocol {
  /**
   * Paths whose errors have the protocol's own shape, those of guards included. One that ends in `/` stands for all
   * below it. Default: the shape of Winnow's API.
   */
  paths?: readonly string[];
  /** Body of an error under `paths`. The status and `Retry-After` are set by the caller. */
  errorBody?(failure: Failure, c: Context<Env>): object;
  /** Largest body under `paths`, in bytes. Default: 256 KB. */
  maxBodyBytes?: number;
  /** Adds the routes. Bodies are read through `c.req`, which holds them after the guards; `c.req.raw` is consumed. */
  register(app: App, doors: Doors, failing: Failing): void;
}

/** For a protocol that answers failures itself. */
export interface Failing {
  /** Receives what callers are not told, with the id of the request. */
  onFailure(thrown: unknown, requestId: string): void;
}
