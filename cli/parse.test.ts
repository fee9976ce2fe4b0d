import { expect, it } from "vitest";
import { corpus, docsAddress, hours, natural, number, positive, releaseId, share, whole } from "./parse.ts";

it("accepts addresses and names as they are", () => {
  for (const address of [
    "/",
    "/docs/",
    "/docs/en",
    "https://docs.example",
    "http://localhost:8080/docs/",
    "https://bücher.example/ä/",
  ])
    expect(docsAddress(address)).toBe(address);
  expect([corpus("k8s-docs.1_x"), releaseId("0a1b"), natural("1e6")]).toEqual(["k8s-docs.1_x", "0a1b", 1_000_000]);
});

it("accepts numbers in an option's range and refuses others with a message", () => {
  expect([positive("0.5"), number("-2"), whole("0"), share("0"), share("0.05"), share("1")]).toEqual([
    0.5, -2, 0, 0, 0.05, 1,
  ]);
  for (const [take, text] of [
    [positive, "0"],
    [positive, "x"],
    [number, ""],
    [whole, "1.5"],
    [whole, "-1"],
    [whole, " "],
    [share, "1.1"],
    [share, "-0.1"],
    [share, ""],
    [share, "5%"],
    ...(["Infinity", "-Infinity", "NaN", "1e999", ""] as const).flatMap((odd) =>
      [positive, number, whole, natural, hours].map((take) => [take, odd] as const),
    ),
    [natural, "2.5"],
    [natural, "0"],
    [natural, "1e300"],
    [whole, "9007199254740993"],
    ...(["", "..", "../x", "Sample", "a/b", "a b", "a\0", "é", "a".repeat(64)] as const).map(
      (odd) => [corpus, odd] as const,
    ),
    ...(["", "x", "../ab", "AB", "ab ", "a".repeat(65)] as const).map((odd) => [releaseId, odd] as const),
    ...(
      [
        ...[
          "",
          "javascript:alert(1)//",
          "data:text/html,x",
          "ftp://x/",
          "//evil/",
          "/\\evil/",
          "docs/",
          "https://",
          "https:///x",
        ],
        ...[
          "https://user:pw@h/",
          "https://u@h/",
          "https://h/?q",
          "https://h/#f",
          "https://h/ x",
          "https://h/<b>",
          'https://h/"',
        ],
        ...[
          "https://h\\@evil/",
          "https://h/\u001b[2J",
          "https://h/\u202e",
          "https://h:port/",
          " https://h/",
          "https://h/\nx",
        ],
      ] as const
    ).map((odd) => [docsAddress, odd] as const),
  ] as const)
    expect(() => take(text), `${take.name} ${text}`).toThrow(/^expected /);
});
