import { describe, expect, it } from "vitest";
import { holdsQuantity, quantityOf } from "./quantities.ts";

const held = (source: string, quantity: string) => {
  const { number, unit } = quantityOf(quantity)!;
  return holdsQuantity(source, number, unit);
};

describe("holdsQuantity", () => {
  it.each([
    ["the default is 30s.", "30 seconds"],
    ["the default is 30 seconds.", "30s"],
    ["a 30-second timeout", "30 seconds"],
    ["timeoutseconds: 30", "30s"],
    ["a limit of 100mi", "100 MiB"],
    ["requests 500m of cpu", "500 millicores"],
    ["waits 5m", "5 minutes"],
    ["at most 1000 pods", "1,000"],
    ["at most 1,000 pods", "1000"],
    ["at most 1,000,000 pods", "1000000"],
    ["ports 80 and 443", "80,443"],
    ["half is 50 percent", "50%"],
    ["from v1.30 on", "1.30"],
    ["retries six times", "6"],
    ["between 30 and 60 seconds", "30 seconds"],
    ["the default, in seconds, is 30 where nothing is set", "30 seconds"],
    ["at most 1,000.5 of them", "1000.5"],
    ["at most 12000.5 of them", "12,000.5"],
  ])("finds in '%s' %s", (source, quantity) => {
    expect(held(source, quantity)).toBe(true);
  });

  it.each([
    ["the default is 30s.", "30 minutes"],
    ["the default is 30s.", "30"],
    ["the default is 300s.", "30 seconds"],
    ["the default is 130s.", "30 seconds"],
    ["at most 10000 pods", "1,000"],
    ["at most 1,0000 pods", "1000"],
    ["50 of them", "50%"],
    ["the default is 30 minutes.", "30 seconds"],
    ["a 30-minute timeout", "30s"],
    ["a cache of 5 mb", "5 GB"],
    ["waits for 30% of them", "30 seconds"],
    ["waits five minutes", "5 seconds"],
    ["from v1.30 on", "1.3"],
    ["port 80", "80,443"],
  ])("does not find in '%s' %s", (source, quantity) => {
    expect(held(source, quantity)).toBe(false);
  });
});

it("does not read names and codes as quantities", () => {
  for (const text of ["k8s", ":", "30x", "s", "1.2.3-alpha"]) expect(quantityOf(text)).toBeNull();
});
