import { render } from "preact-render-to-string";
import { expect, it } from "vitest";
import type { Desk } from "../../../client/desk.ts";
import type { Rendered } from "../view.ts";
import { decideBy } from "./decide.tsx";

it("says of a decision that no worker has carried out yet that it may still happen, and until when", async () => {
  const decided = { corpus: "things", release: "0123456789ab", changed: null, last: null };
  const desk = { decide: async ({ action }) => ({ ...decided, action }) } as Partial<Desk> as Desk;
  const shown = async (action: string) => {
    const form = new URLSearchParams({ action, by: "dana", reason: "try it", expected: "" });
    return (await decideBy(form, "0123456789ab", desk)) as Rendered;
  };
  const promotion = await shown("promote");
  expect(promotion).toMatchObject({ status: 202, title: "Not carried out yet" });
  expect(render(promotion.main)).toContain("not done 15 minutes after you gave it, it never happens");
  expect(render((await shown("approve")).main)).not.toContain("it never happens");
});
