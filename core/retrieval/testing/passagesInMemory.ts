import { statingPassages } from "../../docs/statingPassages.ts";
import type { StoredPassage } from "../../docs/windows.ts";
import { bookOf } from "../corpora/local.ts";
import type { Retriever } from "../retriever.ts";

/** The parts of a retriever that look passages up, over scripted ones. */
export function passagesInMemory(
  passages: readonly StoredPassage[],
): Pick<Retriever, "passage" | "page" | "lookUp" | "stating"> {
  const passage = async (id: string) => passages.find((one) => one.id === id) ?? null;
  return {
    passage,
    async page(id) {
      const found = await passage(id);
      return found && passages.filter(({ page }) => page === found.page);
    },
    lookUp: async () => bookOf(passages),
    stating: statingPassages(passages),
  };
}
