import { expect, test } from "vitest";
import { readingOf } from "../reading.ts";
import { isLoopback, readHttp } from "./http.ts";

const TOKEN = "0123456789abcdef";
const read = (env: Record<string, string>) => readHttp(readingOf(env));

test("the API listens on loopback without tokens by default", () => {
  expect(read({})).toEqual({
    host: "127.0.0.1",
    port: null,
    allowedHosts: [],
    origins: [],
    tokens: [],
    askTokens: [],
    ratePerMinute: 600,
    questionsAtOnce: 32,
    drainSeconds: 0,
  });
});

test.each(["0.0.0.0", "::", "192.168.1.7", "docs.example.com"])("%s needs a token", (host) => {
  expect(() => read({ WINNOW_HTTP_HOST: host })).toThrow(/WINNOW_HTTP_TOKENS/);
  expect(read({ WINNOW_HTTP_HOST: host, WINNOW_HTTP_TOKENS: TOKEN }).tokens).toEqual([TOKEN]);
});

test.each(["localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["127.0.0.1.example.com", "localhost.example.com", "0.0.0.0", ""])("%j is not loopback", (host) => {
  expect(isLoopback(host)).toBe(false);
});

test("a short or odd token is refused without showing it", () => {
  for (const token of ["short", `${TOKEN} x`, `${TOKEN},hunter2`]) {
    expect(() => read({ WINNOW_HTTP_TOKENS: token })).toThrow(/at least 16/);
    expect(() => read({ WINNOW_HTTP_TOKENS: token })).not.toThrow(/short|hunter2|0123/);
  }
});

test("tokens that only ask stand beside others, and are none of them", () => {
  const asking = { WINNOW_HTTP_ASK_TOKENS: `${TOKEN}-asks` };
  expect(read({ ...asking, WINNOW_HTTP_TOKENS: TOKEN }).askTokens).toEqual([`${TOKEN}-asks`]);
  expect(() => read(asking)).toThrow(/without WINNOW_HTTP_TOKENS/);
  expect(() => read({ ...asking, WINNOW_HTTP_TOKENS: `${TOKEN},${TOKEN}-asks` })).toThrow(/share a token/);
});

test("hosts are names without scheme and port, origins have both", () => {
  expect(read({ WINNOW_HTTP_ALLOWED_HOSTS: "Docs.example.com, [fe80::1],10.0.0.1" }).allowedHosts).toEqual([
    "docs.example.com",
    "fe80::1",
    "10.0.0.1",
  ]);
  for (const host of ["http://a", "a:80", "*", "*.example.com", "a/b"])
    expect(() => read({ WINNOW_HTTP_ALLOWED_HOSTS: host })).toThrow(/host names without scheme/);
  expect(read({ WINNOW_HTTP_ORIGINS: "https://a.example,http://b:81" }).origins).toEqual([
    "https://a.example",
    "http://b:81",
  ]);
  for (const origin of ["a.example", "https://a.example/", "null", "*", "https://*.example"])
    expect(() => read({ WINNOW_HTTP_ORIGINS: origin })).toThrow(/origins such as/);
});
