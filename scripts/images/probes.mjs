// Probes that run inside a container, in its own Node, so that they are the same for each engine.

/** Places outside the stated volumes, and the two that are writable. */
const CLOSED = ["/", "/app", "/app/node_modules", "/etc", "/home", "/opt/winnow", "/usr/local", "/var"];
const OPEN = ["/tmp", "/var/lib/winnow"];

const PROTECTION = `
const fs = require("node:fs");
const attempt = (folder) => {
  const file = folder + "/winnow-probe";
  try { fs.writeFileSync(file, ""); fs.unlinkSync(file); return "written"; } catch (error) { return error.code; }
};
const status = Object.fromEntries(fs.readFileSync("/proc/self/status", "utf8").split("\\n").map((line) => line.split(":\\t")));
console.log(JSON.stringify({
  uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(),
  capabilities: status.CapEff, bounding: status.CapBnd, noNewPrivileges: status.NoNewPrivs,
  closed: ${JSON.stringify(CLOSED)}.map(attempt), open: ${JSON.stringify(OPEN)}.map(attempt),
}));`;

const MEMORY = `
const fs = require("node:fs");
let bytes = 0;
for (const name of fs.readdirSync("/proc")) {
  if (!/^\\d+$/.test(name) || name === String(process.pid)) continue;
  try { bytes += 1024 * Number(/^Pss:\\s+(\\d+)/m.exec(fs.readFileSync("/proc/" + name + "/smaps_rollup", "utf8"))[1]); } catch {}
}
console.log(bytes);`;

const ENDED = `
const fs = require("node:fs");
const states = fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).map((name) => {
  try { return fs.readFileSync("/proc/" + name + "/stat", "utf8").replace(/.*\\) /s, "")[0]; } catch { return ""; }
});
console.log(states.filter((state) => state === "Z").length);`;

const FETCH = `
const [url, body, token, mark] = process.argv.slice(1);
const headers = {
  ...(token && { authorization: "Bearer " + token }),
  ...(body && { "content-type": "application/json" }),
  ...(mark && { accept: "text/event-stream" }),
};
const ask = async () => {
  const reply = await fetch(url, { method: body ? "POST" : "GET", body: body || undefined, headers });
  let text = "";
  for await (const chunk of reply.body) {
    text += Buffer.from(chunk).toString();
    if (mark) require("node:fs").writeFileSync(mark, "");
  }
  return { status: reply.status, text };
};
ask().catch((error) => ({ status: 0, text: String(error.cause ?? error) })).then((reply) => console.log(JSON.stringify(reply)));`;

const read = ({ code, stdout, output }) => {
  if (code !== 0) throw new Error(`a probe ended with ${code}: ${output}`);
  return JSON.parse(stdout);
};

/** Problems of a container's protection: user, capabilities, and what can be written. Empty if there are none. */
export async function protectionProblems(container) {
  const found = read(await container.exec(["node", "-e", PROTECTION]));
  const problems = [];
  if (found.uid !== 1000 || found.gid !== 1000) problems.push(`runs as ${found.uid}:${found.gid}, not 1000:1000`);
  if (found.groups.some((group) => group !== 1000)) problems.push(`is in the groups ${found.groups}`);
  if (/[1-9a-f]/.test(found.capabilities + found.bounding)) problems.push(`has capabilities ${found.capabilities}`);
  if (found.noNewPrivileges !== "1") problems.push("can gain privileges");
  for (const [index, outcome] of found.closed.entries())
    if (outcome !== "EROFS") problems.push(`${CLOSED[index]}: ${outcome}, not read-only`);
  for (const [index, outcome] of found.open.entries())
    if (outcome !== "written") problems.push(`${OPEN[index]}: ${outcome}, not writable`);
  return problems;
}

/** Bytes of memory of all processes in a container, shared pages by their part. */
export const memoryOf = async (container) => read(await container.exec(["node", "-e", MEMORY]));

/** Number of zombies: processes that have ended and were not reaped. */
export const endedProcesses = async (container) => read(await container.exec(["node", "-e", ENDED]));

/**
 * A request from inside a container: {status, text}; status 0 if the answer was cut or never came. With `mark`, a file
 * of this name appears in the container with the first event of a streamed answer.
 */
export const request = async (container, url, { body = "", token = "", mark = "" } = {}) =>
  read(await container.exec(["node", "-e", FETCH, url, body && JSON.stringify(body), token, mark]));
