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

function bounded(body: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      bytes += value.byteLength;
      if (bytes <= limit) return controller.enqueue(value);
      const error = new BodyTooLong(limit);
      controller.error(error);
      await reader.cancel(error);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
