import { mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { seededRandom } from "../../core/base/random.ts";
import { openCrossEncoder } from "../../core/models/crossEncoder.ts";
import { openStates } from "../../core/models/late/openStates.ts";
import { writeTinyModel } from "../../core/models/testing/tinyModel.ts";
import { writeUntrained } from "../../core/models/untrained.ts";

const MB = 2 ** 20;
const LIMITS = { memoryBytes: 4 * MB, diskBytes: 16 * MB };
const CANDIDATES = 30;
/** Different passages: their states are some 60 MB. */
const PASSAGES = 60_000;
const WORDS = "the job pod node create delete run service how do container is red blue green one two".split(" ");

/** A passage of 10 to 40 words that depends on its number alone. */
function passage(number: number): string {
  const random = seededRandom(number);
  const length = 10 + Math.floor(31 * random());
  return Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map((name) => stat(join(folder, name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

it("10,000 questions over more states than may be kept leave memory and disk within their limits", async () => {
  const [base, dir, folder] = [await temporary(), await temporary(), await temporary()];
  await writeTinyModel(base);
  await writeUntrained(base, dir, null);
  const stateLimits = { memoryBytes: LIMITS.memoryBytes, disk: { folder, bytes: LIMITS.diskBytes } };
  const states = openStates({ compute: { stateLimits } });
  const reranker = await openCrossEncoder(dir, { threads: 1, states });
  const random = seededRandom(1);
  const held = new Map<number, number>();
  for (let question = 1; question <= 10_000; question++) {
    const passages = Array.from({ length: CANDIDATES }, () => passage(Math.floor(PASSAGES * random())));
    expect(await reranker.score(passage(PASSAGES + question), passages)).toHaveLength(CANDIDATES);
    if ([1000, 5000, 10_000].includes(question)) held.set(question, process.memoryUsage().rss / MB);
  }
  await reranker.close();
  console.log(`resident MB by questions: ${JSON.stringify([...held].map(([at, mb]) => [at, Math.round(mb)]))}`);
  expect(await bytesIn(folder)).toBeLessThanOrEqual(LIMITS.diskBytes);
  expect(held.get(10_000)! - held.get(1000)!).toBeLessThan(60);
}, 1_200_000);

function temporary(): Promise<string> {
  return mkdtemp(join(tmpdir(), "winnow-late-memory-"));
}
