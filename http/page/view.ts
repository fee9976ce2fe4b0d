import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { VNode } from "preact";
import type { Doors } from "../../client/doors.ts";
import type { App, Env } from "../protocol.ts";

/** A part of a page. */
export interface Part {
  main: VNode;
  /** Status of the page; default 200. */
  status?: ContentfulStatusCode;
}

/** What a view shows between the navigation and the foot. */
export interface Rendered extends Part {
  /** Title of the window; default: that of the view. */
  title?: string;
  /**
   * What takes the place of `<Later />` in `main`, and must not throw. Unless it comes soon, the page above it is sent
   * before, with status 200.
   */
  late?: Promise<Part>;
  /** Words that stand there until then. */
  waiting?: VNode;
}

/** One view of the page: a file that renders it and a row in `views.ts`. Its state is its URL, and it needs no script. */
export interface View {
  /** As hono routes it: `/asks/:id`. */
  path: string;
  title: string;
  /** Its entry in the navigation; absent for a view that is reached by links. */
  nav?: string;
  /** True if `/assets/ask.js` makes it livelier. */
  script?: true;
  /** Errors that it throws are shown as a page that says what to do. */
  render(c: Context<Env>, doors: Doors): Promise<Rendered | Response>;
  /** True if its form changes what serves: from another machine it then needs a token. */
  decides?: true;
  /**
   * Takes a form that the view sends to its own path, by a person who may use this server. Returns the path to go to
   * then, or what to show instead. A form of another site never arrives here.
   */
  act?(form: URLSearchParams, c: Context<Env>, doors: Doors): Promise<string | Rendered>;
  /** Adds the routes that the view's script reads. */
  also?(app: App, doors: Doors): void;
}
