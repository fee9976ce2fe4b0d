import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { fetchFile } from "../fetchFile.ts";
import type { HubCall } from "../hub.ts";
import { describeRepository, parseRepository } from "../repository.ts";
import { FakeHub } from "./fakeHub.ts";

export const NAME = "org/small";
export const weights = randomBytes(200_000);
export const config = Buffer.from('{"model_type": "bert"}');

/** A hub with one model, and an empty folder for its files, both fresh for each test. */
export class Fetching {
  hub!: FakeHub;
  folder = "";

  constructor() {
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), "winnow-hub-"));
      this.hub = await new FakeHub().start();
      this.hub.repositories[NAME] = { files: { "config.json": config, "model.safetensors": weights } };
    });
    afterEach(async () => {
      await this.hub.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  described(call: HubCall, given = NAME) {
    return describeRepository(call, parseRepository(given));
  }

  /** The fetched bytes of one of the model's files. */
  async fetched(path: string, call = this.hub.call(), heard: (bytes: number) => void = () => {}): Promise<Buffer> {
    const { name, commit, files } = await this.described(call);
    const file = files.find((each) => each.path === path)!;
    await fetchFile(call, { name, commit, file }, join(this.folder, path), heard);
    return readFileSync(join(this.folder, path));
  }
}
