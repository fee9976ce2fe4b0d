/** An event of a stream as it arrived: its name and its data, which is one line. */
export interface Arrived {
  event: string;
  data: string;
}

/**
 * Cuts the text of an event stream into events. Text may be cut anywhere between two calls; comments are left out.
 *
 * @example
 * const read = eventReader();
 * read('event: token\nda'); // []
 * read('ta: {"text":"a"}\n\n'); // [{ event: "token", data: '{"text":"a"}' }]
 */
export function eventReader(): (text: string) => Arrived[] {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop()!;
    return blocks.flatMap((block) => {
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .replace(/^ /, "");
      const data = field("data");
      return data === undefined ? [] : [{ event: field("event") ?? "message", data }];
    });
  };
}
