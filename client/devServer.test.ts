import { expect, it } from "vitest";
import { environmentOf } from "../config/settings/inherited.ts";

it("the embedded server inherits no key", () => {
  const secrets = { WINNOW_LLM_API_KEY: "k", AWS_SECRET_ACCESS_KEY: "k", TEMPORAL_API_KEY: "k", HTTPS_PROXY: "k" };
  expect(environmentOf("server", { ...secrets, PATH: "/bin", HOME: "/root", LANG: "C" })).toEqual({
    ...{ PATH: "/bin", HOME: "/root", LANG: "C" },
  });
});
