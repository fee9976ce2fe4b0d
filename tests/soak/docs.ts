import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, picked, secondsBetween } from "./clock.ts";
import type { Product } from "./product.ts";

const WORDS = "node pod volume budget quota label probe limit claim policy drain eviction token replica rollout".split(
  " ",
);
const ADDED = "soak";
/** More removed pages would leave too few questions with evidence. */
const MOST_REMOVED = 5;

/** Edits, adds and removes pages now and then, as people do. */
export function editDocs(clock: Clock, { docs }: Product, random: () => number): Promise<void> {
  const removed = new Map<string, string>();
  let count = 0;
  const pages = () => readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));
  const edits: Record<string, () => string> = {
    edit() {
      const page = picked(pages(), random);
      appendFileSync(join(docs, page), `\n\n## Section ${++count}\n\n${sentences(random)}\n`);
      return page;
    },
    add() {
      mkdirSync(join(docs, ADDED), { recursive: true });
      const page = join(ADDED, `page-${++count}.md`);
      writeFileSync(join(docs, page), `# Page ${count}\n\n${sentences(random)}\n\n## More\n\n${sentences(random)}\n`);
      return page;
    },
    remove() {
      if (removed.size >= MOST_REMOVED) return edits.restore!();
      const page = picked(pages(), random);
      removed.set(page, readFileSync(join(docs, page), "utf8"));
      rmSync(join(docs, page));
      return page;
    },
    restore() {
      if (removed.size === 0) return edits.add!();
      const page = picked([...removed.keys()], random);
      writeFileSync(join(docs, page), removed.get(page)!);
      removed.delete(page);
      return page;
    },
  };
  const pause = () => secondsBetween(random, 20, 90);
  return clock.every("docs", pause, async () => {
    const kind = picked(Object.keys(edits), random);
    clock.log(`docs: ${kind} ${edits[kind]!()}`);
    clock.count("docs changed");
  });
}

function sentences(random: () => number): string {
  const sentence = () => `The ${Array.from({ length: 9 }, () => picked(WORDS, random)).join(" ")} is set by a flag.`;
  return Array.from({ length: 4 }, sentence).join(" ");
}
