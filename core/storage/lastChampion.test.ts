import { expect, test } from "vitest";
import { WinnowError } from "../base/errors.ts";
import { lastChampions } from "./lastChampion.ts";
import type { Promotion } from "./releases.ts";

const patience = { known: 30, unknown: 60 };
const away = () => Promise.reject(new WinnowError("StoreUnavailable", "ECONNREFUSED"));
const silent = () => new Promise<never>(() => {});

/** Champions of a ledger that calls `answers` in turn and repeats the last. */
function scripted(...answers: (() => Promise<Promotion | null>)[]) {
  return lastChampions({ champion: () => (answers.length > 1 ? answers.shift()! : answers[0]!)() }, patience);
}

const serves = (release: string) => async () => ({ release }) as Promotion;

test.each([
  ["refuses", away],
  ["is silent", silent],
])("when the store %s, the last known champion serves", async (_, outage) => {
  const { champion } = scripted(serves("a"), serves("b"), outage);
  expect([await champion("k8s"), await champion("k8s")]).toMatchObject([{ release: "a" }, { release: "b" }]);
  expect(await champion("k8s")).toMatchObject({ release: "b" });
});

test.each([
  ["refuses", away],
  ["is silent", silent],
])("an unknown champion is not guessed: when the store %s, an error comes in time", async (_, outage) => {
  const { champion } = scripted(serves("a"), outage);
  await champion("k8s");
  await expect(champion("other")).rejects.toMatchObject({ code: "StoreUnavailable" });
});

test("a late reply is used the next time", async () => {
  let answer: (found: Promotion) => void = () => {};
  const late = () => new Promise<Promotion>((settle) => (answer = settle));
  const { champion } = scripted(serves("a"), late, away);
  await champion();
  expect(await champion()).toMatchObject({ release: "a" });
  answer({ release: "b" } as Promotion);
  await Promise.resolve();
  expect(await champion()).toMatchObject({ release: "b" });
});

test("a refusal is not an outage", async () => {
  const refused = () => Promise.reject(new WinnowError("StorageFailed", "403"));
  const { champion } = scripted(serves("a"), refused);
  await champion();
  await expect(champion()).rejects.toMatchObject({ code: "StorageFailed" });
});
