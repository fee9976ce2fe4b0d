import { join } from "node:path";
import { expect, it } from "vitest";
import { temporary } from "../../../training/testing/colourFixture.ts";
import { writeSafetensors } from "../../safetensors.ts";
import { tinyWeights, writeTinyModel } from "../../testing/tinyModel.ts";
import { writeUntrained } from "../../untrained.ts";
import { openBaseModel } from "../index.ts";

const HEAD = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

it("a fresh head has its own learning rate; a head from the base learns at the body's", async () => {
  const embedder = await temporary();
  await writeTinyModel(embedder);
  const fresh = await openBaseModel(embedder, 1);
  expect(HEAD.map(fresh.network.isHead)).toEqual([true, true, true, true]);
  expect(fresh.network.isHead("matching.scale")).toBe(true);
  expect(fresh.network.isHead("encoder.layer.1.output.dense.weight")).toBe(false);

  const [bert, winnow] = [await temporary(), await temporary()];
  await writeTinyModel(bert);
  const weights = tinyWeights(1);
  for (const name of HEAD) weights.set(name, fresh.weights.get(name)!);
  await writeSafetensors(join(bert, "model.safetensors"), weights);
  await writeUntrained(embedder, winnow, null);
  for (const folder of [bert, winnow]) {
    const { hasHead, network } = await openBaseModel(folder, 1);
    expect(hasHead).toBe(true);
    expect([...HEAD, "matching.scale"].filter(network.isHead)).toEqual([]);
  }
});
