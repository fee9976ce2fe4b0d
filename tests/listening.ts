import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** True if the kernel shows which process listens on a port. */
export const seesListeners = process.platform === "linux";

const LISTENS = "0A";

/** Addresses, `host:port`, that a process or its descendants listen on by TCP. Linux only. */
export function listening(root: number): string[] {
  const places = new Map<string, string>();
  for (const [file, loopback] of [
    ["/proc/net/tcp", "0100007F"],
    ["/proc/net/tcp6", "00000000000000000000000001000000"],
  ] as const)
    for (const line of readFileSync(file, "utf8").trim().split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [host, port] = fields[1]!.split(":") as [string, string];
      if (fields[3] === LISTENS)
        places.set(fields[9]!, `${host === loopback ? "loopback" : host}:${Number.parseInt(port, 16)}`);
    }
  const found = familyOf(root)
    .flatMap(socketsOf)
    .map((inode) => places.get(inode));
  return [...new Set(found.filter((place) => place !== undefined))];
}

function familyOf(root: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)]);
  const family = [root];
  for (const member of family) family.push(...parents.filter(([, parent]) => parent === member).map(([pid]) => pid!));
  return family;
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Inodes of a process's sockets; none if it has just ended. */
function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
