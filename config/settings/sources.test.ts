import { expect, test } from "vitest";
import { readingOf } from "../reading.ts";
import { readSources } from "./sources.ts";

const at = (env: Record<string, string>) => readSources(readingOf(env));

test("by default, any folder of this machine and well-known public hosts are allowed", () => {
  const { roots, hosts } = at({}).policy;
  expect(roots).toBeNull();
  expect(hosts).toContain("github.com");
  expect(hosts).not.toContain("localhost");
});

test("the operator's folders and hosts replace the default; an empty list of hosts allows none", () => {
  const env = { WINNOW_DOCS_ROOTS: "/srv/docs:/srv/repos", WINNOW_GIT_HOSTS: "Git.Example, git2.example" };
  expect(at(env).policy).toEqual({
    roots: ["/srv/docs", "/srv/repos"],
    hosts: ["git.example", "git2.example"],
    origins: [],
  });
  expect(at({ WINNOW_GIT_HOSTS: "" }).policy.hosts).toEqual([]);
});

test("git inherits proxy and ssh agent, and no key of Winnow's", () => {
  const env = { PATH: "/bin", SSH_AUTH_SOCK: "/s", WINNOW_LLM_API_KEY: "sk-1", TEMPORAL_API_KEY: "y" };
  expect(at(env).gitEnv).toEqual({ PATH: "/bin", SSH_AUTH_SOCK: "/s" });
});
