/** An event of a stream, as a client reads it. */
export interface Received {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sent
  data: any;
}

/** The events of a response with their JSON data, as they arrive; comments are left out. */
export async function* eventsOf(response: Response): AsyncGenerator<Received> {
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const lines = block.split("\n");
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined) yield { event: field("event") ?? "message", data: JSON.parse(data) };
    }
  }
}
