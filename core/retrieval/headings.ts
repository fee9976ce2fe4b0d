import { dotProduct } from "../artifacts/vectors.ts";
import type { Embedder } from "../models/embedder.ts";
import type { CosineScale } from "./cosineScale.ts";
import type { Fused } from "./fusion.ts";

/**
 * The vector of a window mostly represents its text; the heading trail states the section's topic. A separate vector of
 * the trail therefore counts a second time. Chosen on judged questions about six other projects' docs, where settings
 * from half to twice this weight did alike.
 */
export const HEADINGS = {
  /** Weight of the cosine of question and heading trail, relative to the fused score. */
  weight: 0.3,
  /** Number of best candidates to reorder. The others stay behind them, so recall at this depth does not change. */
  depth: 30,
};
/** Heading vectors in the cache: 31 MB at 384 components. */
const KEPT = 20_000;

/** Reorders the best candidates of a question by their headings as well. */
export class HeadingVectors {
  /** By heading trail, the least recently used first. */
  private readonly kept = new Map<string, Float32Array>();

  constructor(
    private readonly embedder: Pick<Embedder, "dim" | "embed">,
    private readonly scale: CosineScale = (cosine) => cosine,
  ) {}

  /**
   * Adds the weighted cosine of question and heading trail to the fused scores of the first `HEADINGS.depth`, and sorts
   * these. The others follow in their order, each with the lowest of those cosines.
   *
   * @param vector unit vector of [dim]
   */
  async reorder(
    fused: readonly Fused[],
    vector: Float32Array,
    headingOf: (position: number) => readonly string[],
  ): Promise<Fused[]> {
    const best = fused.slice(0, HEADINGS.depth);
    const trails = best.map(({ position }) => headingOf(position).join(" > "));
    const vectors = await this.vectorsOf(trails);
    const cosines = vectors.map((trail) => this.scale(dotProduct(trail, 0, vector)));
    const lowest = HEADINGS.weight * Math.min(...cosines);
    const sorted = best
      .map(({ position, fused }, at) => ({ position, fused: fused + HEADINGS.weight * cosines[at]! }))
      .sort((a, b) => b.fused - a.fused || a.position - b.position);
    const rest = fused.slice(HEADINGS.depth).map(({ position, fused }) => ({ position, fused: fused + lowest }));
    return [...sorted, ...rest];
  }

  private async vectorsOf(trails: readonly string[]): Promise<Float32Array[]> {
    const found = new Map(trails.map((trail) => [trail, this.kept.get(trail)]));
    const missing = [...found].flatMap(([trail, vector]) => (vector ? [] : [trail]));
    if (missing.length > 0) {
      const { dim } = this.embedder;
      const vectors = await this.embedder.embed({ passages: missing });
      for (const [at, trail] of missing.entries()) found.set(trail, vectors.slice(at * dim, (at + 1) * dim));
    }
    for (const [trail, vector] of found) this.keep(trail, vector!);
    return trails.map((trail) => found.get(trail)!);
  }

  /** Makes a trail the newest entry; above `KEPT` the oldest is removed. */
  private keep(trail: string, vector: Float32Array): void {
    this.kept.delete(trail);
    this.kept.set(trail, vector);
    if (this.kept.size <= KEPT) return;
    const [oldest] = this.kept.keys();
    this.kept.delete(oldest!);
  }
}
