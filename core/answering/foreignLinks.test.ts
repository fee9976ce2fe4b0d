import { describe, expect, it, test } from "vitest";
import { stripForeignLinks, TangledText } from "./foreignLinks.ts";
import { linksIn } from "./testing/linksIn.ts";

const ALLOWED = ["https://docs.example/page1/#section", "/workloads/jobs/"];
const strip = (text: string) => stripForeignLinks(text, ALLOWED);
const ownLinks = (text: string) =>
  linksIn(text).filter((url) => !ALLOWED.some((page) => url.startsWith(page.split("#")[0]!)));

/** What goes in, and what must be left of it. */
const FORMS: [string, string][] = [
  ["![pixel](https://evil.example/p.png)", "pixel"],
  ['<a href="https://evil.example">here</a>', "here"],
  ["<https://evil.example>", "(link removed)"],
  ["[x](javascript:alert(1))", "x"],
  ["www.evil.example/a", "(link removed)"],
  ["<img src=x onerror=alert(1)>", ""],
  // What a removal leaves must not join to a link or a tag.
  ["[click]<b>(//evil/x)", "click"],
  ["![p]<b>(//evil/p.png)", "p"],
  ["<<b>script>alert(1)<<b>/script>", "alert(1)"],
  ["<<b>img src=//evil onerror=alert(1)>", ""],
  ["[x]<b>(vbscript:alert(1))", "x"],
  ["[x]<b>(mailto:a@evil.example)", "x"],
  ["[x]<b>(ws://evil.example)", "x"],
  ["h<b>ttps://evil.example", "(link removed)"],
  ["[x][<b>r]\n\n[r]: //evil", "[x][r]"],
  ["[x]<!-- -->(//evil)", "x"],
  ["[x]<?php ?>(//evil)", "x"],
  ["<scr<script>ipt>alert(1)</script>", "alert(1)"],
  // Code that is none, for one dialect or both.
  ["\\`[click](https://evil/a)\\`", "\\`click\\`"],
  ["| a | b |\n| - | - |\n| `a|[b](//evil)` | c |", "| a | b |\n| - | - |\n| `a|b` | c |"],
  ["`code [x](//evil)", "`code x"],
  ["``code` [x](//evil)", "``code` x"],
  ["text\n    [x](//evil)", "text\n    x"],
  ["- a\n\n   [x](//evil)", "- a\n\n   x"],
  // Labels and addresses of every shape.
  ["[a [b] c](//evil/i)", "a [b] c"],
  ["[a\\]](//evil/j)", "a\\]"],
  ["[click](\n//evil)", "click"],
  ["[click](<//evil/a b>)", "click"],
  ["[click](//evil 'title')", "click"],
  ["[click](//evil (title))", "click"],
  ["[click]()", "click"],
  ["[click](#)", "click"],
  ["[click](../../other/)", "click"],
  ["[click](?q=1)", "click"],
  ["[**bold** `code`](//evil)", "**bold** `code`"],
  ["[![p](//evil/p)](//evil)", "p"],
  ["![[x](//evil)](//evil)", "x"],
  ["[x](&#106;avascript:alert(1))", "x"],
  ["[x](JaVaScRiPt:alert(1))", "x"],
  ["[x](data:text/html;base64,PHNjcmlwdD4=)", "x"],
  ["[x](https://docs.example.evil/page1/)", "x"],
  ["[x](https://docs.example@evil/page1/)", "x"],
  ["[x](https://docs.example/page1/../../evil)", "x"],
  ["[x](//docs.example/page1/)", "x"],
  // References wherever they are defined.
  ["> [r]: //evil\n\n[click][r]", ">\n\nclick"],
  ["- [r]: //evil\n\n[click][r]", "-\n\nclick"],
  ["[r]: //evil\n\n[r] and [r][]", "[r] and [r][]"],
  ["![p][r]\n\n[r]: <//evil> 'title'", "p"],
  ["[1]: //evil\n\nUse it [1].", "Use it [1]."],
  ["[^1]: //evil\n\nx[^1]", "x[^1]"],
  ["[ r ]:\n//evil\n\n[x][R]", "x"],
  // Addresses that are no link by themselves and become one.
  ["https&#58;//evil/x", "(link removed)"],
  ["https\\://evil/x", "(link removed)"],
  ["&#119;ww.evil.example", "(link removed)"],
  ["HTTPS://EVIL.EXAMPLE/X", "(link removed)"],
  ["ftp://evil.example", "(link removed)"],
  ["ssh://evil.example", "(link removed)"],
  ["<ftp://evil.example>", "(link removed)"],
  ["<made-up-scheme:evil>", "made-up-scheme:evil"],
  ["javascript:alert(1)", "(link removed))"],
  ["file:///etc/passwd", "(link removed)"],
  ["mailto:a@evil.example", "(link removed)"],
  ["https://evil.example/a**b**", "(link removed)**b**"],
  ["(https://evil.example)", "((link removed))"],
  ["https://docs.example/page1/x", "(link removed)"],
  // HTML.
  ["<img src=//evil onerror=alert(1) ", "img src=//evil onerror=alert(1)"],
  ["<svg/onload=alert(1)>", ""],
  ["<div>\n\n[x](//evil)\n\n</div>", "x"],
  ["<!-- [x](//evil) -->", ""],
  ["<!-- open", ""],
  ["a <!-- open", "a !-- open"],
  ["<![CDATA[x]]>", ""],
  ["<!DOCTYPE html>", ""],
  ["<style>*{}</style>", "*{}"],
  ["<a\nhref=//evil>x</a>", "x"],
  ["<IFRAME SRC=//evil></IFRAME>", ""],
  ["<name onclick=alert(1)>", ""],
  ["<base href=//evil>", ""],
  ["<meta http-equiv=refresh content=0;//evil>", ""],
];

describe("foreign links, images and HTML are removed", () => {
  it.each(FORMS)("%j", (text, left) => {
    const stripped = strip(text);
    expect(stripped.replace(/[ \t]+$/gm, "").trim()).toBe(left);
    expect(ownLinks(stripped)).toEqual([]);
    expect(strip(stripped)).toBe(stripped);
  });

  it.each(FORMS)("%j, beside others and in a list, a quote and a table cell", (text) => {
    for (const around of [
      `${text} ${text}`,
      `- ${text}`,
      `> ${text}`,
      `| ${text} | b |\n| - | - |\n| ${text} | b |`,
      `**${text}**`,
    ])
      expect(ownLinks(strip(around))).toEqual([]);
  });
});

describe("the rest stays", () => {
  it.each([
    "[a](https://docs.example/page1/) and <https://docs.example/page1/#section>",
    "[a](https://docs.example/page1/#other) and https://docs.example/page1/.",
    '[jobs](/workloads/jobs/ "title") and [**jobs**](</workloads/jobs/>)',
    "[jobs][j]\n\n[j]: /workloads/jobs/",
    "`<b>` and ``[x](//evil)`` stay code",
    "```\n<b>[x](//evil) https://evil.example\n```",
    "    [x](//evil)",
    "5 < 6, a <c && d> and x <- y",
    "data: the field, file: the name, tel: none",
    "Use kubernetes.io/hostname, example.com/role=x and 10.0.0.0/8",
    "[ ] [x] [1] [?] [a, b] (c)",
    "a@b, @user, user@, x@1",
  ])("%j", (text) => {
    expect(strip(text)).toBe(text);
  });

  it.each([
    ["kubectl delete pod <name> -n <namespace>", "kubectl delete pod `<name>` -n `<namespace>`"],
    ["<label>=<value> of <pod name>", "`<label>`=`<value>` of `<pod name>`"],
    ["in `x`<name>", "in `x`\\<name>"],
    ["<version>\nis the version", "`<version>`\nis the version"],
    ["write to git@github.com", "write to `git@github.com`"],
    ["<me@docs.example>", "`me@docs.example`"],
  ])("a gap and a person's address become code: %j", (text, left) => {
    expect(strip(text)).toBe(left);
    expect(linksIn(left)).toEqual([]);
  });
});

test.each([
  ["markup in markup", `${"<".repeat(12)}${"b>".repeat(12)}`],
  ["quotes nested thousands deep", "> ".repeat(6000)],
])("%s that does not come to an end is withheld", (_name, text) => {
  try {
    expect(ownLinks(strip(text))).toEqual([]);
  } catch (error) {
    expect(error).toBeInstanceOf(TangledText);
  }
});
