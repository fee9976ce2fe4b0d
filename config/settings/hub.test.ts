import { expect, test } from "vitest";
import { readingOf } from "../reading.ts";
import { readHub } from "./hub.ts";

test("the hub is huggingface.co unless a mirror is named, whose address ends without a slash", () => {
  expect(readHub(readingOf({}))).toEqual({ endpoint: "https://huggingface.co", token: null });
  const env = { HF_ENDPOINT: "http://127.0.0.1:8080/hf/", HF_TOKEN: " hf_x\n" };
  expect(readHub(readingOf(env))).toEqual({ endpoint: "http://127.0.0.1:8080/hf", token: "hf_x" });
});

test("other schemes, passwords and queries in the hub's address are refused without showing them", () => {
  for (const given of [
    "ftp://host",
    "file:///x",
    "https://u:canary@host",
    "https://host?key=canary",
    "https://host#canary",
    "host",
  ])
    expect(() => readHub(readingOf({ HF_ENDPOINT: given })), given).toThrow(/^HF_ENDPOINT is (?!.*canary)/);
});

test("a token that no header may have is refused without showing it", () => {
  for (const given of ["canary\r\nhost: x", "can ary", "canäry", " \n"])
    expect(() => readHub(readingOf({ HF_TOKEN: given })), given).toThrow(/^HF_TOKEN is no token(?!.*can)/);
});
