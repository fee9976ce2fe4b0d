import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import type { SearchResult } from "../../contracts/passage.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { freshHome, winnowJson } from "./command.ts";

const MINUTES = 60_000;

const DESCRIPTION = `openapi: 3.1.0
info: {title: Parcel API, version: "2"}
paths:
  /parcels/{id}:
    delete:
      tags: [Parcels]
      operationId: cancelParcel
      summary: Cancel a parcel
      description: A parcel can be cancelled until the courier has scanned it.
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: The parcel is cancelled.}}
  /parcels:
    get:
      tags: [Parcels]
      operationId: listParcels
      summary: List parcels
      description: Returns the parcels of the last thirty days, the newest first.
      responses: {"200": {description: A page of parcels.}}
`;

const ASCIIDOC = {
  "boiler.adoc": `= The boiler
:unit: bar

== Restarting the boiler

Turn the red lever to the left until it clicks.
If the pressure is below one {unit}, fill water first.

include::partials/help.adoc[]
`,
  "partials/help.adoc": "The desk at extension 4711 answers questions about the cellar.\n",
};

const SITE: Record<string, string> = {
  "/docs/vpn.html": "<h2 id='laptop'>Connect a laptop</h2><p>Run <code>wg-quick up office</code> in a terminal.</p>",
  "/docs/printer.html": "<h2 id='paper'>Paper jams</h2><p>Open the rear door and pull the sheet out slowly.</p>",
};

let home: string;
let remove: () => Promise<void>;
let server: Server;
let origin: string;

beforeAll(async () => {
  ({ home, remove } = await freshHome());
  server = createServer((request, response) => {
    const locations = Object.keys(SITE).map((path) => `<url><loc>${origin}${path}</loc></url>`);
    const sitemap = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${locations.join("")}</urlset>`;
    const page = SITE[request.url ?? ""];
    const body = request.url === "/sitemap.xml" ? sitemap : page && `<html><body><main>${page}</main></body></html>`;
    response.writeHead(body ? 200 : 404, { "content-type": page ? "text/html" : "application/xml" }).end(body);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await put("api/openapi.yaml", DESCRIPTION);
  for (const [path, text] of Object.entries(ASCIIDOC)) await put(`cellar/${path}`, text);
});
afterAll(async () => {
  server.close();
  await remove();
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, "given", path)), { recursive: true });
  await writeFile(join(home, "given", path), text);
}

const given = (path: string) => join(home, "given", path);

it.each([
  {
    format: "an OpenAPI description",
    docs: () => given("api/openapi.yaml"),
    base: () => "https://parcels.example/",
    question: "until when can I cancel a parcel?",
    url: () => "https://parcels.example/openapi/#tag/Parcels/operation/cancelParcel",
    quote: "until the courier has scanned it",
  },
  {
    format: "an AsciiDoc tree",
    docs: () => given("cellar"),
    base: () => "https://cellar.example/",
    question: "how do I restart the boiler?",
    url: () => "https://cellar.example/boiler.html#_restarting_the_boiler",
    quote: "red lever to the left",
  },
  {
    format: "a site by its sitemap",
    docs: () => `${origin}/sitemap.xml`,
    base: () => null,
    question: "how do I connect my laptop?",
    url: () => `${origin}/docs/vpn.html#laptop`,
    quote: "wg-quick up office",
  },
])(
  "$format of a page or two becomes a release that answers from it, with the published address",
  async ({ docs, base, question, url, quote }) => {
    const env = { WINNOW_SITE_HOSTS: origin, WINNOW_SITE_PAUSE_MS: "1" };
    const json = <T>(...args: string[]) => winnowJson<T>(home, args, { env });
    const address = base() === null ? [] : ["--base-url", base()!];
    const run = await json<PipelineResult>("run", "--docs", docs(), "--name", "small", ...address);
    expect(run).toMatchObject({ status: "completed", promoted: true });
    const found = await json<SearchResult>("search", question, "--corpus", "small");
    expect(found.passages[0]).toMatchObject({ url: url() });
    const { answer, citations } = await json<AskResult>("ask", question, "--corpus", "small");
    expect(answer).toContain(quote);
    expect(citations[0]).toMatchObject({ url: url() });
  },
  6 * MINUTES,
);
