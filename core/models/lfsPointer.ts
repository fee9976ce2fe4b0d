import { open } from "node:fs/promises";

const POINTER = "version https://git-lfs.github.com/spec/";

/** True for the text that stands for a large file in a clone without Git LFS. */
export async function isPointer(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const head = Buffer.alloc(POINTER.length);
    await handle.read(head, 0, head.length, 0);
    return head.toString("latin1") === POINTER;
  } finally {
    await handle.close();
  }
}
