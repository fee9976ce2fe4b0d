import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGitAddress } from "../../core/docs/gitAddress.ts";
import { parseSource } from "../../core/docs/sourceSpec.ts";
import { holds, oddText, RUNS } from "./runs.ts";

const HOSTS = [
  "github.com",
  "GitHub.COM",
  "127.0.0.1",
  "[::1]",
  "2130706433",
  "0x7f.1",
  "localhost",
  "evil.test",
  "gıthub.com",
  "github.com.",
  "-x",
  "",
];
const piece = fc.oneof(
  fc.constantFrom(...HOSTS),
  fc.constantFrom(
    "https",
    "ssh",
    "http",
    "file",
    "git",
    "ext",
    "git+ssh",
    "HTTPS",
    "git@",
    "user:pw@",
    "@",
    ":",
    "/",
    "//",
    "://",
    "::",
    "\\",
    "#",
    "?",
    ";",
    ",",
    "&",
    "=",
    "%",
    "%2f",
    "%40",
    "%0a",
    "%5c",
    "%00",
    "..",
    "-",
    "--upload-pack=x",
    ":22",
    ":443",
    ":99999",
    " ",
    "\t",
    "\n",
    "\0",
    "\u00ad",
    "\u200b",
    "。",
    "．",
    "／",
    "org/repo",
    "main",
    "~user",
    ".git",
  ),
  oddText,
);
const address = fc.oneof(
  fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join("")),
  fc
    .tuple(
      fc.constantFrom("https://", "ssh://", "git@", "ssh://git@"),
      fc.array(piece, { maxLength: 1 }),
      fc.constantFrom(...HOSTS),
      fc.array(piece, { maxLength: 1 }),
      fc.constantFrom("/org/repo", ":org/repo", "/", ""),
    )
    .map(([start, before, host, after, path]) => start + before.join("") + host + after.join("") + path),
);

/**
 * The host by the rules of git (connect.c, url.c) and curl (urlapi.c), written from those rules: a scheme up to `://`;
 * the authority ends at the first slash, question mark or hash; a user ends at an @, by some versions at the first, by
 * others at the last; a port follows a colon. In the short form the host ends at the first colon.
 */
function hostsRead(url: string): string[] {
  const full = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(url);
  const authority = full ? full[1]! : url.slice(0, url.indexOf(":"));
  const withBackslash = full ? /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#\\]*)/.exec(url)![1]! : authority;
  const ends = [authority, withBackslash].flatMap((text) => [
    text.slice(text.indexOf("@") + 1),
    text.slice(text.lastIndexOf("@") + 1),
  ]);
  return ends.map((text) => decodeURIComponent(text.replace(/:\d*$/, "")).toLowerCase());
}

test("the host that git would connect to is the one that was checked, for whatever text", () => {
  let accepted = 0;
  holds(address, (text) => {
    const parsed = parseGitAddress(text);
    if ("refused" in parsed) return;
    if (parsed.host === null) return expect(parsed.url.startsWith("/")).toBe(true);
    accepted++;
    expect(new Set(hostsRead(parsed.url))).toEqual(new Set([parsed.host]));
    expect(parsed.url).toMatch(/^(https:\/\/|ssh:\/\/|[A-Za-z0-9_][\w.-]*@)[\x21-\x7e]+$/);
    expect(parsed.url).not.toMatch(/[\\\s]|^-|%(0[0-9a-f]|1[0-9a-f]|5c|7f)|^https:\/\/[^/]*@/i);
    // What was parsed once is parsed to the same again.
    expect(parseGitAddress(parsed.url)).toEqual(parsed);
  });
  expect(accepted).toBeGreaterThan(RUNS / 200);
});

test("a source is a path on this machine, a checked address, or refused by name", () => {
  holds(fc.tuple(address, fc.constantFrom("", "#main", "#", "#-x", "#a..b", "#v1")), ([text, ref]) => {
    try {
      const source = parseSource(text + ref, "/base", () => false);
      if (source.kind === "site") return;
      const path = source.kind === "local" ? source.path : source.host === null ? source.url : "/";
      expect(path.startsWith("/")).toBe(true);
      if (source.kind === "git" && source.host !== null)
        expect(new Set(hostsRead(source.url))).toEqual(new Set([source.host]));
      if (source.kind === "git") expect(source.ref).toMatch(/^[A-Za-z0-9][\w./+-]*$/);
    } catch (error) {
      expect(error).toMatchObject({ code: "BadSource" });
    }
  });
});
