import { h } from "preact";
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { Place } from "./place.tsx";

test("a place is a link only where its address is one of the web", () => {
  const place = (url: string) => render(h(Place, { page: "a.md", heading: ["Jobs"], url }));
  expect(place("https://docs.test/a")).toBe('<a href="https://docs.test/a" rel="noreferrer">a.md › Jobs</a>');
  for (const url of ["a.html", "javascript:alert(1)", "https://", "https:// x", "https:///x"])
    expect(place(url)).toBe("<span>a.md › Jobs</span>");
});
