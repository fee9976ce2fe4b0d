import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Makes, in a folder, what a file named in an input may turn out to be; returns each by name with a word of its refusal. */
export function oddPlaces(folder: string, name: string): [file: string, why: RegExp][] {
  const at = (what: string) => join(folder, `${what}-${name}`);
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync(at("pipe"), at("link-to-pipe"));
  symlinkSync(at("loop"), at("loop"));
  symlinkSync("/dev/zero", at("link-to-zero"));
  mkdirSync(at("folder"));
  writeFileSync(at("sparse"), "");
  truncateSync(at("sparse"), 10 * 2 ** 30);
  writeFileSync(at("binary"), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
  return [
    [at("pipe"), /pipe \(FIFO\)|is a pipe/],
    [at("link-to-pipe"), /pipe/],
    ["/dev/zero", /is a device/],
    [at("link-to-zero"), /is a device/],
    ["/dev/tty", /is a device|cannot be read/],
    [at("loop"), /symbolic link/],
    [at("sparse"), /more than the \d+ MB/],
    [at("binary"), /not valid UTF-8|holds no|not a JSON/],
    [join(folder, `absent-${name}`), /does not exist/],
    [`${join(folder, name)}\0.jsonl`, /no name of a file|does not exist|control character/],
    [join(folder, "n".repeat(500)), /name that is too long|does not exist/],
  ];
}
