import { delimiter, resolve } from "node:path";
import { WinnowError } from "../core/base/errors.ts";
import type { Kind } from "./schema.ts";

export const text: Kind<string> = { type: "text", parse: (given) => given, show: (value) => value };

export const path: Kind<string> = { ...text, type: "path" };

/** A folder; relative paths are made absolute. */
export const folder: Kind<string> = { ...text, type: "folder", parse: (given) => resolve(given) };

/** Folders separated as in PATH; relative paths are made absolute. */
export const folders: Kind<string[]> = {
  type: "folders, separated as in `PATH`",
  parse: (given) => given.split(delimiter).flatMap((each) => (each === "" ? [] : [resolve(each)])),
  show: (value) => value.join(delimiter),
};

export const whole: Kind<number> = {
  type: "whole number above 0",
  parse(given, name) {
    const count = Number(given);
    if (Number.isInteger(count) && count > 0) return count;
    throw refused(`${name} is ${JSON.stringify(given)}: give a whole number above 0`);
  },
  show: String,
};

/** 0 turns the thing off. */
export const wholeOrNone: Kind<number> = {
  type: "whole number",
  parse(given, name) {
    const count = Number(given);
    if (given.trim() !== "" && Number.isInteger(count) && count >= 0) return count;
    throw refused(`${name} is ${JSON.stringify(given)}: give a whole number, or 0 for none`);
  },
  show: String,
};

export const port: Kind<number> = {
  type: "port",
  parse(given, name) {
    const number = whole.parse(given, name);
    if (number <= 65_535) return number;
    throw refused(`${name} is ${number}: give a port from 1 to 65535`);
  },
  show: String,
};

export const gigabytes: Kind<number> = {
  type: "gigabytes",
  parse(given, name) {
    const number = Number(given);
    if (number > 0) return number;
    throw refused(`${name} is ${given}: give gigabytes`);
  },
  show: String,
};

/** True for `true` in any case, otherwise false. */
export const flag: Kind<boolean> = {
  type: "`true` or `false`",
  parse: (given) => given.toLowerCase() === "true",
  show: String,
};

/** An http or https address; the parsed form is what is used, so that no two programs read two hosts in it. */
export const address: Kind<string> = {
  type: "URL",
  parse(given, name) {
    const url = /[\\\s\p{Cc}\p{Cf}]/u.test(given) || !URL.canParse(given) ? null : new URL(given);
    if (url?.protocol !== "https:" && url?.protocol !== "http:")
      throw refused(
        `${name} is ${JSON.stringify(withoutPassword(given))}: give an http or https address without spaces`,
      );
    return given.endsWith("/") ? url.href : url.href.replace(/\/$/, "");
  },
  show: withoutPassword,
};

/** PEM text. It is long and may hold a key by mistake, so only its presence is shown. */
export const pem: Kind<string> = { ...text, type: "PEM text", show: () => "PEM text" };

export function choice<const T extends string>(...names: T[]): Kind<T> {
  return {
    type: names.map((name) => `\`${name}\``).join(" or "),
    parse(given, name) {
      const known = names.find((each) => each === given);
      if (known !== undefined) return known;
      throw refused(`${name} is ${JSON.stringify(given)}: give ${names.join(" or ")}`);
    },
    show: String,
  };
}

/** Parts of a list, trimmed, without empty ones. */
export function listed(given: string, separator: string): string[] {
  return given
    .split(separator)
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

export function refused(message: string): WinnowError {
  return new WinnowError("BadInput", message);
}

/** The address without user, password, query and fragment, which may all hold a key. */
export function withoutPassword(given: string): string {
  if (!URL.canParse(given)) return /[@?#]/.test(given) ? "set, but no URL" : given;
  const { protocol, host, pathname, username, password, search, hash } = new URL(given);
  // An address such as `name:key` has no host, and its path may be anything.
  if (host === "") return "set, but no URL";
  if (!username && !password && !search && !hash) return given;
  const [user, query, fragment] = [username || password ? "...@" : "", search ? "?..." : "", hash ? "#..." : ""];
  return `${protocol}//${user}${host}${pathname}${query}${fragment}`;
}
