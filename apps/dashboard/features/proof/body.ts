/** Reads the body of an answer to its end, with its progress, and never more than was expected. */
import { ApiFailure } from '../../lib/api/client.ts';

export interface BodyProgress {
  bytes: number;
  /** What the server announced; `undefined` if it did not. */
  total: number | undefined;
}

/** Throws ApiFailure ANSWER_TOO_LARGE beyond `bytesMax`, and CONNECTION_LOST for half an answer. */
export async function readBody(
  response: Response,
  bytesMax: number,
  onProgress: (progress: BodyProgress) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const total = announcedBy(response);
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (reader !== undefined) {
    const { value, done } = await reader.read().catch((cause) => {
      if (isAbort(cause)) throw cause;
      throw cut(response.status);
    });
    if (done) break;
    bytes += value.length;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw tooLarge(response.status, bytesMax);
    }
    chunks.push(value);
    onProgress({ bytes, total });
  }
  return joined(chunks, bytes);
}

/** With a content coding the announced length is not that of what is read. */
function announcedBy({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  if (length === null || !/^\d{1,15}$/.test(length)) return undefined;
  return headers.has('content-encoding') ? undefined : Number(length);
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'AbortError';
}

function cut(status: number): ApiFailure {
  return new ApiFailure(status, 'CONNECTION_LOST', 'The answer ended early.', 'Try again.');
}

function tooLarge(status: number, bytesMax: number): ApiFailure {
  const message = `The answer is larger than ${bytesMax} bytes.`;
  const hint = 'Use the command line: npx --no vitrine export';
  return new ApiFailure(status, 'ANSWER_TOO_LARGE', message, hint);
}

function joined(chunks: Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
