import { beforeAll, describe, expect, it } from "vitest";
import { stateFolder, type TunedRelease } from "../core/upkeep/testing/homeFixture.ts";
import { verify } from "./fsck.ts";
import { diffReleases, listReleases, releasesAt, showRelease } from "./releases.ts";
import { localSettings } from "./testing/settings.ts";

describe("the releases of a state folder", () => {
  const state = stateFolder();
  const places = localSettings(state.home);
  let first: TunedRelease;
  let second: TunedRelease;
  beforeAll(async () => {
    [first, second] = [await state.release(1), await state.release(2)];
    await state.promote(first);
    await state.promote(second);
  });

  it("are listed newest first, with the serving one marked", async () => {
    const listed = await listReleases(places);
    expect(listed.map(({ id, champion, promoted }) => ({ id, champion, promoted }))).toEqual([
      { id: second.id, champion: true, promoted: true },
      { id: first.id, champion: false, promoted: true },
    ]);
  });

  it("are shown with their part of the ledger and the place of the report", async () => {
    const shown = await showRelease(places, first.id.slice(0, 6));
    expect(shown).toMatchObject({ id: first.id, champion: false, ledger: [{ release: first.id, by: "test" }] });
    expect(shown.report).toBe(`${state.home}/artifacts/evaluate/${first.manifest.evaluate.sha256}/report.html`);
    await expect(showRelease(places, "ffffffffffff")).rejects.toMatchObject({ code: "UnknownRelease" });
  });

  it("are compared part by part", async () => {
    const { parts, a, b } = await diffReleases(places, first.id, second.id);
    expect([a.id, b.id]).toEqual([first.id, second.id]);
    expect(parts.find(({ name }) => name === "train")).toMatchObject({ same: false });
  });

  it("are found by the time they served, with their evidence", async () => {
    const { served } = await releasesAt(places, "2099-01-01");
    expect(served).toMatchObject([{ release: second.id, until: null, evidence: { gate: { reason: "better" } } }]);
    await expect(releasesAt(places, "1999-01-01")).rejects.toMatchObject({ code: "UnknownRelease" });
    await expect(releasesAt(places, "soon")).rejects.toMatchObject({ code: "BadInput" });
  });

  it("are verified with everything they refer to", async () => {
    expect(await verify(places)).toMatchObject({ home: state.home, clean: true, checked: { releases: 2, ledger: 2 } });
  });
});
