import { gzipSync } from "node:zlib";
import { table } from "../../cli/table.ts";
import { noBrowser, openBrowser } from "../../tests/browser/chromium.ts";
import { quantile } from "../load.ts";

const LOADS = 9;
/** A phone's processor is about this many times slower. */
const SLOWER = 4;

/** Sizes of the page's files, and its first paint in Chromium with an empty cache; without Chromium, a note instead. */
export async function firstPaint(url: string): Promise<string> {
  const rows = await weights(url);
  if (noBrowser !== null) return `${rows}\n\nfirst paint: skipped, because ${noBrowser}`;
  const browser = await openBrowser();
  try {
    const paints = async (slower: number) => {
      const times: number[] = [];
      for (let at = 0; at < LOADS; at++) {
        const context = await browser.newContext();
        const page = await context.newPage();
        const session = await context.newCDPSession(page);
        await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
        await page.goto(url, { waitUntil: "load" });
        const name = "first-contentful-paint";
        await page.waitForFunction((entry) => performance.getEntriesByName(entry).length > 0, name);
        times.push(await page.evaluate((entry) => performance.getEntriesByName(entry)[0]!.startTime, name));
        await context.close();
      }
      return [0.5, 0.95].map((q) => quantile(times, q).toFixed(0));
    };
    const head = ["first contentful paint of /, ms", "p50", "p95", "aim"];
    const lines = [
      ["this processor", ...(await paints(1)), "below 1000"],
      [`${SLOWER} times slower`, ...(await paints(SLOWER)), ""],
    ];
    return `${rows}\n\n${table(head, lines)}`;
  } finally {
    await browser.close();
  }
}

async function weights(url: string): Promise<string> {
  const html = await (await fetch(url, { headers: { accept: "text/html" } })).text();
  const paths = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  const rows = [["/", html]];
  for (const path of [...new Set(paths), "/widget.js"]) {
    const response = await fetch(`${url}${path}`);
    if (response.ok) rows.push([path, await response.text()]);
  }
  const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);
  const lines = rows.map(([path, text]) => [
    path!,
    kilobytes(Buffer.byteLength(text!)),
    kilobytes(gzipSync(text!).length),
  ]);
  return table(["file of the page", "KB", "KB by gzip"], lines);
}
