import { h, type VNode } from "preact";
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { gradually, Later } from "./later.tsx";

const page = `<p>above</p>${render(h(Later, null))}<p>below</p>`;
const failed = (thrown: unknown) => h("b", null, (thrown as Error).message);
const sent = (late: Parameters<typeof gradually>[1]) =>
  new Response(gradually(page, late, h("i", null, "soon"), failed)).text();

test("a late part that cannot be drawn, or fails, is replaced by what failed, and the page ends", async () => {
  const Broken = (): VNode => {
    throw new Error("cannot be drawn");
  };
  const above = '<p>above</p><div class="waiting"><i>soon</i></div>';
  expect(await sent(Promise.resolve({ main: h("p", null, "late") }))).toBe(`${above}<p>late</p><p>below</p>`);
  expect(await sent(Promise.resolve({ main: h(Broken, {}) }))).toBe(`${above}<b>cannot be drawn</b><p>below</p>`);
  expect(await sent(Promise.reject(new Error("away")))).toBe(`${above}<b>away</b><p>below</p>`);
});
