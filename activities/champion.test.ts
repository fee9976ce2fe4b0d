import { expect, test } from "vitest";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { createChampionActivities } from "./champion.ts";

test("a promotion may expect that nothing serves, a certain champion, or nothing", async () => {
  const state = stateFolder();
  const [first, second] = [await state.release(1), await state.release(2)];
  const temporal = { searchAttributes: async () => [] } as never;
  const { planPromotion } = createChampionActivities({ ...state, temporal });
  const plan = (expected?: string | null) => planPromotion({ release: second.id, expected });
  expect(await plan(null)).toMatchObject({ expected: null });
  await expect(plan(first.id)).rejects.toThrow(`The champion of k8s is none, not ${first.id}`);
  await state.promote(first);
  await expect(plan(null)).rejects.toMatchObject({
    code: "PromotionConflict",
    message: `The champion of k8s is ${first.id}, not none.`,
  });
  expect(await plan(first.id.slice(0, 6))).toMatchObject({ expected: first.id });
  expect(await plan()).toMatchObject({ expected: first.id });
});
