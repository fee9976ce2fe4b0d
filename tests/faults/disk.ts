import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FILLER = "filler";

/**
 * A folder whose disk a test can fill. As root, it is a file system of 8 MB. Without the right to mount, the named
 * processes get a file size limit (RLIMIT_FSIZE), which acts like a full disk.
 */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), "winnow-disk-"));
  private readonly mounted = mount(this.folder);
  private limited: number[] = [];

  fill(pids: number[] = [process.pid]): void {
    if (!this.mounted) {
      this.limited = pids;
      for (const pid of pids) limitFiles(pid, "0");
      return;
    }
    const file = openSync(join(this.folder, FILLER), "a");
    try {
      for (let bytes = 1 << 16; bytes >= 1; ) {
        try {
          writeSync(file, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          bytes >>= 1;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    for (const pid of this.limited) limitFiles(pid, "unlimited");
    this.limited = [];
    rmSync(join(this.folder, FILLER), { force: true });
  }

  end(): void {
    this.free();
    if (this.mounted) execFileSync("umount", ["--lazy", this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function mount(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "winnow-test", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Sets only the soft limit, which any process may raise again. */
function limitFiles(pid: number, bytes: string): void {
  execFileSync("prlimit", [`--fsize=${bytes}:`, "--pid", `${pid}`]);
}
