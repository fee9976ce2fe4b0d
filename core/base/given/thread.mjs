// A thread that touches files named in an input. A call on a FIFO, a device or a dead mount may never return: it then
// holds this thread alone, not one of the few threads that serve all other files of the process. Plain JavaScript
// without imports of the product, so that it starts in milliseconds and without a loader.
import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, readSync, realpathSync } from "node:fs";
import { parentPort } from "node:worker_threads";

const CHUNK = 4 << 20;
const open = new Map();
let handles = 0;

const calls = {
  look: ({ path }) => {
    const real = realpathSync(path);
    const found = lstatSync(real);
    const { size, dev, ino, mtimeMs } = found;
    return { real, kind: kindOf(found), size, stamp: `${dev}:${ino}:${size}:${mtimeMs}` };
  },

  list: ({ path, most }) => {
    const folder = opendirSync(path);
    try {
      const entries = [];
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (entries.length === most) return { entries, more: true };
        entries.push({ name: entry.name, kind: entry.isSymbolicLink() ? "link" : kindOf(entry) });
      }
      return { entries, more: false };
    } finally {
      folder.closeSync();
    }
  },

  /**
   * Opens a regular file and reads its first bytes, `first` if given. `follow` resolves links first; otherwise the last
   * step is none.
   */
  open: ({ path, most, follow, first }) => {
    const real = follow ? realpathSync(path) : path;
    // Opening a device or a FIFO can have an effect of its own, so its kind comes first.
    const before = lstatSync(real);
    if (!before.isFile()) return { refused: kindOf(before) };
    if (before.size > most) return { refused: "size", size: before.size };
    const file = openSync(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const now = fstatSync(file);
    if (!now.isFile() || now.ino !== before.ino || now.dev !== before.dev) {
      closeSync(file);
      return { refused: "changed" };
    }
    const handle = ++handles;
    open.set(handle, { file, left: now.size });
    return { handle, size: now.size, ...calls.next({ handle, limit: first }) };
  },

  /** The next bytes of an opened file; closes it at its end. */
  next: ({ handle, limit = CHUNK }) => {
    const opened = open.get(handle);
    // A few bytes more than the size show whether the file grew.
    const bytes = new Uint8Array(Math.min(limit, Math.max(opened.left, 0) + 512));
    const count = readSync(opened.file, bytes, 0, bytes.length, null);
    opened.left -= count;
    if (count === 0) calls.close({ handle });
    return { bytes: bytes.subarray(0, count), end: count === 0 };
  },

  close: ({ handle }) => {
    const opened = open.get(handle);
    open.delete(handle);
    if (opened) closeSync(opened.file);
    return {};
  },
};

function kindOf(found) {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "folder";
  if (found.isSymbolicLink()) return "link";
  if (found.isFIFO()) return "pipe";
  return found.isSocket() ? "socket" : "device";
}

parentPort.on("message", ({ call, ...given }) => {
  try {
    const value = calls[call](given);
    parentPort.postMessage({ value }, value.bytes ? [value.bytes.buffer] : []);
  } catch (error) {
    parentPort.postMessage({ code: error.code ?? "UNKNOWN", message: error.message });
  }
});
