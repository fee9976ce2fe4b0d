import { describe, expect, it } from "vitest";
import { OPTIONS_FILE } from "./options.ts";
import {
  BARE,
  CLASSIFIER,
  ENCODER,
  type Files,
  MODULAR,
  MODULES,
  moduleRow,
  OLD,
  RERANKER,
  read,
} from "./testing/folders.ts";

describe("a model folder is refused, naming the file and the remedy", () => {
  const pooling = (config: unknown) => ({ ...OLD, "1_Pooling/config.json": config });
  const both = { pooling_mode_cls_token: true, pooling_mode_mean_tokens: true };
  const external = { "config.json": ENCODER, "onnx/model.onnx": "graph", "onnx/model.onnx_data": "tensors" };
  it.each<[string, Files, RegExp]>([
    [
      "code of its own",
      { ...BARE, "config.json": { ...ENCODER, auto_map: {} } },
      /config\.json: auto_map.*another model/,
    ],
    [
      "code in modules.json",
      { ...OLD, "modules.json": [{ type: "own.Module" }] },
      /modules\.json: own\.Module is code/,
    ],
    [
      "pickles only",
      { ...BARE, "model.safetensors": undefined, "pytorch_model.bin": "x" },
      /pytorch_model\.bin.*pickle.*save/,
    ],
    ["tensors outside the ONNX file", external, /onnx\/model\.onnx_data holds tensors outside.*safetensors/],
    ["no weights", { "config.json": ENCODER }, /neither model\.safetensors nor onnx\/model\.onnx/],
    ["weights in several files", { "config.json": ENCODER, "model.safetensors.index.json": {} }, /several files/],
    ["two labels", { ...RERANKER, "config.json": { ...CLASSIFIER, num_labels: 2 } }, /2 labels cannot rank; use/],
    [
      "three labels by name",
      { ...RERANKER, "config.json": { ...CLASSIFIER, id2label: { 0: "a", 1: "b", 2: "c" } } },
      /3 labels/,
    ],
    [
      "an unsupported activation",
      {
        ...RERANKER,
        "config.json": { ...CLASSIFIER, sentence_transformers: { activation_fn: "torch.nn.modules.activation.Tanh" } },
      },
      /Tanh is not supported/,
    ],
    [
      "a head that modules.json lists and the folder lacks",
      { ...MODULAR, "4_Dense/model.safetensors": undefined },
      /4_Dense\/model\.safetensors: the Dense of modules\.json is missing.*fetch the whole folder/,
    ],
    ["a reranker's encoder without its head", { ...MODULAR, "modules.json": MODULES }, /head is missing.*cannot rank/],
    [
      "a known reranker's encoder without its head",
      { ...BARE, "config.json": { ...ENCODER, _name_or_path: "cross-encoder/ettin-reranker-17m-v1" } },
      /config\.json: the reranker's head is missing/,
    ],
    ["two poolings", pooling(both), /1_Pooling\/config\.json: expected one pooling mode, got cls and mean/],
    ["no pooling", pooling({}), /expected one pooling mode, got none/],
    ["a pooling that is not supported", pooling({ pooling_mode: "lasttoken" }), /"lasttoken" is not supported/],
    [
      "a module that is not supported",
      { ...OLD, "modules.json": [moduleRow("WordEmbeddings")] },
      /WordEmbeddings is not supported/,
    ],
    [
      "a module's path outside the folder",
      { ...OLD, "modules.json": [moduleRow("Pooling", "../x")] },
      /leads out of the folder/,
    ],
    [
      "a default prompt that is not there",
      { ...OLD, "config_sentence_transformers.json": { prompts: {}, default_prompt_name: "query" } },
      /default_prompt_name/,
    ],
    ["a config that is no object", { ...BARE, "config.json": "[]" }, /config\.json: expected a JSON object/],
    ["a config that does not parse", { ...BARE, "config.json": "{" }, /config\.json cannot be read/],
    [
      "a config too large to be one",
      { ...BARE, "config.json": " ".repeat(2 << 20) },
      /config\.json cannot be read: it has 2097152 bytes/,
    ],
    ["an option that is unknown", { ...BARE, [OPTIONS_FILE]: { poling: "cls" } }, /winnow_options\.json: .*poling/],
  ])("%s", async (_, files, message) => {
    await expect(read(files)).rejects.toMatchObject({ code: "BadModel", message: expect.stringMatching(message) });
  });
});

it("the data file of another export is not of the one that is read", async () => {
  const other = { "config.json": ENCODER, "onnx/model.onnx": "graph", "onnx/model_fp16.onnx_data": "tensors" };
  expect((await read(other)).kind).toBe("embedder");
});
