import { Writable } from "node:stream";

/**
 * Takes stdout for a protocol: from now on, whatever else writes to it or calls `console.log` writes to stderr. Returns
 * the stream for the protocol.
 */
export function takeStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  const protocol = new Writable({
    decodeStrings: false,
    write: (chunk, encoding, done) => void write(chunk, encoding, done),
  });
  stdout.on("error", (error) => protocol.destroy(error));
  stdout.write = stderr.write.bind(stderr);
  return protocol;
}
