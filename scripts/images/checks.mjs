/** Results of the checks, printed as they arrive. A failed check does not stop the others. */
export class Checks {
  passed = new Map();
  failed = [];

  /** Runs a check of `target`. `work` throws, or returns a detail for the screen. */
  async check(target, what, work) {
    try {
      const detail = await work();
      this.passed.set(target, (this.passed.get(target) ?? 0) + 1);
      console.log(`✔ ${target}: ${what}${detail ? ` (${detail})` : ""}`);
    } catch (error) {
      this.failed.push(`${target}: ${what}`);
      console.log(`✘ ${target}: ${what}\n${error.message}`);
    }
  }
}

/** Throws with what was found unless `holds`. */
export function expectThat(holds, found) {
  if (!holds) throw new Error(typeof found === "string" ? found : JSON.stringify(found));
}
