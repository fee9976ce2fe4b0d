import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors, tensorShapes, writeSafetensors } from "./safetensors.ts";

const folder = await mkdtemp(join(tmpdir(), "winnow-safetensors-"));

function fileOf(dtype: string, shape: number[], data: Buffer, pad = ""): Buffer {
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }) + pad);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

describe("safetensors", () => {
  it("reads back written tensors, in order", async () => {
    const file = join(folder, "round.safetensors");
    await writeSafetensors(
      file,
      new Map([
        ["b", { dims: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) }],
        ["a", { dims: [1], data: Float32Array.of(7) }],
      ]),
    );
    const read = await readSafetensors(file);
    expect([...read.keys()]).toEqual(["b", "a"]);
    expect(read.get("b")).toEqual({ dims: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) });
  });

  it("widens half and brain floats, including subnormal and negative ones", async () => {
    const half = Buffer.from(Uint16Array.of(0x3c00, 0xc100, 0x0001).buffer);
    await writeFile(join(folder, "half"), fileOf("F16", [3], half));
    expect([...(await readSafetensors(join(folder, "half"))).get("x")!.data]).toEqual([1, -2.5, 2 ** -24]);
    await writeFile(join(folder, "brain"), fileOf("BF16", [2], Buffer.from(Uint16Array.of(0x3f80, 0xc020).buffer)));
    expect([...(await readSafetensors(join(folder, "brain"))).get("x")!.data]).toEqual([1, -2.5]);
  });

  it("reads tensors that do not start on a multiple of four bytes", async () => {
    const data = Buffer.from(Float32Array.of(1.5, 2.5).buffer);
    for (const pad of ["", " ", "  "]) {
      await writeFile(join(folder, "odd"), fileOf("F32", [2], data, pad));
      expect([...(await readSafetensors(join(folder, "odd"))).get("x")!.data]).toEqual([1.5, 2.5]);
    }
  });

  it("names the tensor missing from a truncated file", async () => {
    const whole = fileOf("F32", [4], Buffer.alloc(16));
    await writeFile(join(folder, "cut"), whole.subarray(0, whole.length - 3));
    await expect(readSafetensors(join(folder, "cut"))).rejects.toThrow(/tensor x lies outside the file/);
  });

  it("reads the shapes of all tensors from the header, and sees there that the file is truncated", async () => {
    const whole = fileOf("I64", [2, 1], Buffer.alloc(16));
    await writeFile(join(folder, "shapes"), whole);
    expect(await tensorShapes(join(folder, "shapes"))).toEqual(new Map([["x", [2, 1]]]));
    await writeFile(join(folder, "shapes"), whole.subarray(0, whole.length - 3));
    await expect(tensorShapes(join(folder, "shapes"))).rejects.toThrow(/tensor x lies outside the file/);
  });

  it.each([
    ["states no shape", { dtype: "F32", data_offsets: [0, 4] }],
    ["states a negative size", { dtype: "F32", shape: [-1], data_offsets: [0, 4] }],
    ["states one offset", { dtype: "F32", shape: [1], data_offsets: [0] }],
    ["is no object", 7],
  ])("refuses a header whose entry %s, naming the tensor", async (_, x) => {
    const header = Buffer.from(JSON.stringify({ __metadata__: { format: "pt" }, x }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(join(folder, "entry"), Buffer.concat([length, header, Buffer.alloc(4)]));
    const refusal = { code: "BadModel", message: expect.stringContaining("header describes x wrongly") };
    for (const read of [readSafetensors, tensorShapes]) {
      await expect(read(join(folder, "entry"))).rejects.toMatchObject(refusal);
    }
  });

  it("refuses a header that is longer than the file, without reading as much", async () => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(10n ** 10n);
    await writeFile(join(folder, "long"), length);
    for (const read of [readSafetensors, tensorShapes]) {
      await expect(read(join(folder, "long"))).rejects.toThrow(/is not a safetensors file, or is truncated/);
    }
  });

  it("refuses a file of another format", async () => {
    await writeFile(join(folder, "text"), "version https://git-lfs.github.com/spec/v1");
    for (const read of [readSafetensors, tensorShapes]) {
      await expect(read(join(folder, "text"))).rejects.toMatchObject({ code: "BadModel" });
    }
    expect((await readFile(join(folder, "text"))).length).toBeGreaterThan(0);
  });
});
