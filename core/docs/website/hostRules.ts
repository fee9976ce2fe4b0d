import { ALL_ALLOWED, MAX_ROBOTS_BYTES, type Robots, readRobots } from "./robots.ts";
import { Unanswered, type Visitor } from "./visitor.ts";

/** The rules of each host's robots.txt, read when a page of it is first asked about. */
export class HostRules {
  private readonly read = new Map<string, Promise<Robots>>();

  constructor(private readonly visitor: Visitor) {}

  /**
   * Whether robots.txt allows a page. Throws Unanswered if it cannot be read, as no page may be then (RFC 9309 section
   * 2.3.1.4); BadSource for a host that is not listed; Cancelled.
   */
  async allows(page: URL): Promise<boolean> {
    const known = this.read.get(page.origin) ?? this.ask(new URL("/robots.txt", page));
    this.read.set(page.origin, known);
    return (await known).allows(`${page.pathname}${page.search}`);
  }

  private async ask(url: URL): Promise<Robots> {
    const answer = await this.visitor.get(url, { maxBytes: MAX_ROBOTS_BYTES, cut: true }).catch((error) => {
      throw error instanceof Unanswered ? new Unanswered(`${url} cannot be read: ${error.message}`) : error;
    });
    if (answer.status !== 200) return ALL_ALLOWED;
    const robots = readRobots(answer.body.toString("utf8"));
    if (robots.delay !== null) this.visitor.slowTo(url.origin, robots.delay);
    return robots;
  }
}
