const NEWLINE = 10;
const PIECE_BYTES = 1024;

/** Thrown while a body is read that is longer than a reply may be. */
export class BodyTooLong extends Error {
  constructor(limit: number) {
    super(`more than ${limit / 1e6} MB`);
  }
}

/**
 * A `fetch` whose response bodies fail with BodyTooLong past `limitOf(response)` bytes. Bytes count as they arrive and
 * after decompression, so neither a long body nor a compressed one fills the memory.
 */
export function boundedFetch(limitOf: (response: Response) => number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    // A page of its own URL and redirect state is not needed: the client reads status, headers and body.
    return new Response(bounded(response.body, limitOf(response)), { status, statusText, headers });
  };
}

/**
 * Short pieces that end with a line, as far as there are lines. The client copies what is left of a piece for each
 * event in it, so thousands of events in one piece would block the worker for seconds.
 */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start + PIECE_BYTES);
    const end = newline === -1 ? bytes.length : newline + 1;
    yield bytes.subarray(start, end);
    start = end;
  }
}

function bounded(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      bytes += value.byteLength;
      if (bytes <= limit) {
        for (const piece of pieces(value)) controller.enqueue(piece);
        return;
      }
      const error = new BodyTooLong(limit);
      controller.error(error);
      await reader.cancel(error);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
