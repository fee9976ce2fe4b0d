import type { View } from "../view.ts";

/** Answers a question. */
export const askView: View = {
  path: "/",
  title: "Ask",
  nav: "Ask",
  script: true,
  async render() {
    return { main: <h1>Ask the docs</h1> };
  },
};
