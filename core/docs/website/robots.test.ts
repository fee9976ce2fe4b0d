import { describe, expect, it } from "vitest";
import { processorMs } from "../../../tests/processorTime.ts";
import { readRobots } from "./robots.ts";

describe("robots.txt", () => {
  it.each([
    ["", "/a", true],
    ["User-agent: *\nDisallow: /a", "/ab", false],
    ["User-agent: *\nDisallow: /a\nAllow: /ab", "/abc", true],
    ["User-agent: *\nDisallow: /*.php$", "/x.php", false],
    ["User-agent: *\nDisallow: /*.php$", "/x.php?y", true],
    ["User-agent: *\nDisallow: /a*b*c", "/axxbxxc/d", false],
    ["User-agent: *\nDisallow: /page\nAllow: /page", "/page", true],
    ["User-agent: other\nUser-agent: WINNOW # us\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/y", true],
    ["User-agent: other\nDisallow: /\nUser-agent: *\nDisallow:", "/y", true],
    ["Disallow: /\nnonsense", "/y", true],
    ["User-agent: *\nDisallow: /förder", "/f%C3%B6rder/a", false],
    ["User-agent: *\nDisallow: /f%c3%b6rder", "/f%C3%B6rder/a", false],
    ["User-agent: *\nDisallow: /%7Eann", "/~ann/a", false],
    ["User-agent: *\nDisallow: /~ann", "/%7eann/a", false],
    ["User-agent: *\nDisallow: /a b", "/a%20b", false],
    ["User-agent: *\nDisallow: /a%2Fb", "/a/b", true],
    ["User-agent: *\nDisallow: /a%2ab%24", "/a*b$", false],
    ["User-agent: *\nDisallow: /a%2a", "/ab", true],
    ["User-agent: *\nDisallow: /a$b", "/a$b", false],
  ])("%j for %s: %s", (text, path, allowed) => {
    expect(readRobots(text).allows(path)).toBe(allowed);
  });

  it("has the delay of its group", () => {
    expect(readRobots("User-agent: winnow\nCrawl-delay: 2.5").delay).toBe(2.5);
    expect(readRobots("User-agent: *\nCrawl-delay: soon").delay).toBeNull();
  });

  it.each([
    ["blanks before a text", (blanks: string) => `Disallow:${blanks}x${blanks}y`],
    ["blanks before a comment", (blanks: string) => `${blanks}Disallow${blanks}:${blanks}#`],
    ["blanks alone", (blanks: string) => blanks],
  ])("is read in linear time: %s", (_, line) => {
    const text = `User-agent: *\n${line(" ".repeat(200_000))}\nDisallow: /a`;
    expect(processorMs(() => expect(readRobots(text).allows("/a")).toBe(false))).toBeLessThan(500);
  });

  it("is matched in linear time", () => {
    const robots = readRobots(`User-agent: *\nDisallow: /${"*a".repeat(20_000)}b`);
    expect(processorMs(() => robots.allows(`/${"a".repeat(2_000)}`))).toBeLessThan(500);
  });
});
