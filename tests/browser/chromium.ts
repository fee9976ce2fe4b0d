import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PATH = process.env.WINNOW_TEST_CHROMIUM || "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Why no browser can be started, or null. */
export const noBrowser = existsSync(PATH)
  ? null
  : `there is no Chromium at ${PATH}: install it, or name one by WINNOW_TEST_CHROMIUM`;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH, args: FLAGS });
}

/** Window sizes and colour schemes in which pages are tested. */
export const LOOKS = {
  light: { colorScheme: "light" as const, viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark" as const, viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light" as const, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};

/** A tab and the problems recorded in it. */
export interface Watched {
  page: Page;
  /** Errors on the console, exceptions, and requests to hosts other than the page's own. */
  problems: string[];
}

/** @param hosts that the tab may send requests to */
export async function watch(context: BrowserContext, ...hosts: string[]): Promise<Watched> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => void problems.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && !hosts.includes(url.host)) problems.push(`request: ${url.href}`);
  });
  return { page, problems };
}

/** axe-core's serious and critical findings: rule and element. It is evaluated, since the page's policy forbids a script tag. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

/** Number of pixels by which the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
