/** What a person replied to the list of hits. `hit` counts from 1. */
export type Reply =
  | { kind: "picks"; picks: { hit: number; grade: 1 | 2 }[] }
  | { kind: "none"; offTopic: boolean }
  | { kind: "view"; hit: number }
  | { kind: "search"; text: string }
  | { kind: "skip" }
  | { kind: "end" }
  | { kind: "problem"; problem: string };

/** Parses a reply to `hits` numbered hits: `3 5h`, `n`, `o`, `v 3`, `/other words`, `s`, `q`. */
export function parsePicks(text: string, hits: number): Reply {
  if (text.startsWith("/")) return searchFor(text.slice(1).trim());
  const [word = "", ...rest] = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (rest.length === 0 && (word === "n" || word === "o")) return { kind: "none", offTopic: word === "o" };
  if (rest.length === 0 && word === "s") return { kind: "skip" };
  if (rest.length === 0 && word === "q") return { kind: "end" };
  const viewed = /^v\s*(\d+)$/i.exec(text.trim())?.[1];
  if (viewed) return inRange(Number(viewed), hits) ? { kind: "view", hit: Number(viewed) } : outOf(hits, viewed);
  if (word === "") return { kind: "problem", problem: "Give the numbers of passages, n, o, s or q." };
  return picksOf([word, ...rest], hits);
}

function searchFor(text: string): Reply {
  return text === "" ? { kind: "problem", problem: "Give words to search for after the /." } : { kind: "search", text };
}

function picksOf(words: string[], hits: number): Reply {
  const picks: { hit: number; grade: 1 | 2 }[] = [];
  for (const word of words) {
    const [, number, helps] = /^(\d+)(h?)$/.exec(word) ?? [];
    if (number === undefined)
      return { kind: "problem", problem: `"${word}" is no number of a passage, nor n, o, s or q.` };
    if (!inRange(Number(number), hits)) return outOf(hits, number);
    if (picks.some(({ hit }) => hit === Number(number)))
      return { kind: "problem", problem: `Passage ${number} is named twice.` };
    picks.push({ hit: Number(number), grade: helps ? 1 : 2 });
  }
  if (!picks.some(({ grade }) => grade === 2))
    return { kind: "problem", problem: "One passage must answer: give a number without h, or n if none does." };
  return { kind: "picks", picks };
}

function inRange(hit: number, hits: number): boolean {
  return hit >= 1 && hit <= hits;
}

function outOf(hits: number, given: string): Reply {
  return { kind: "problem", problem: `There is no passage ${given}: they are numbered from 1 to ${hits}.` };
}
