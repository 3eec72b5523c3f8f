/**
 * What relays answer, read into memory that all of them share: a thousand relays may each have a
 * page, and each may be hostile. A page waits at its relay until there is room for the whole of it.
 */
import type { IncomingMessage } from 'node:http';
import {
  OPP_ANSWER_BYTES_MAX,
  OPP_PAGES_BYTES_MAX,
  OPP_REQUEST_BYTES_MAX,
  OPP_REQUEST_MS_MAX,
} from '@vitrine/schema';

export type Release = () => void;

interface Asking {
  bytes: number;
  grant: (release: Release) => void;
}

/** First come, first served, so that none with a large page waits for ever. */
export class AnswerRoom {
  #free: number;
  readonly #asking = new Set<Asking>();

  constructor(bytesMax = OPP_PAGES_BYTES_MAX) {
    this.#free = bytesMax;
  }

  /** Resolves with what gives the room back, once or more; rejects when `signal` is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        this.#asking.delete(asking);
        this.#serve();
        reject(signal.reason);
      };
      const grant = (release: Release): void => {
        signal.removeEventListener('abort', gone);
        resolve(release);
      };
      const asking = { bytes, grant };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', gone, { once: true });
      this.#asking.add(asking);
      this.#serve();
    });
  }

  #serve(): void {
    for (const asking of this.#asking) {
      if (asking.bytes > this.#free) return;
      this.#asking.delete(asking);
      this.#free -= asking.bytes;
      let given = asking.bytes;
      asking.grant(() => {
        this.#free += given;
        given = 0;
        this.#serve();
      });
    }
  }
}

export interface ReadAnswer {
  body: Buffer;
  /** Whoever has the body calls it when that is done with. */
  release: Release;
}

/**
 * Everything but a page is small, and so is a page where little happens: only what is not takes of
 * `room`. Rejects with what the connection says, and when the answer is longer than it may be, or
 * takes longer than `OPP_REQUEST_MS_MAX` once it is read.
 */
export async function readAnswer(
  incoming: IncomingMessage,
  { isPage, room, signal }: { isPage: boolean; room: AnswerRoom; signal: AbortSignal },
): Promise<ReadAnswer> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  incoming.on('error', failed.reject);
  const bytesMax = isPage ? OPP_ANSWER_BYTES_MAX : OPP_REQUEST_BYTES_MAX;
  const length = Number(incoming.headers['content-length'] ?? bytesMax);
  let release: Release = () => {};
  try {
    if (!(length <= bytesMax)) throw new Error('the answer is too long');
    if (length > OPP_REQUEST_BYTES_MAX) release = await room.take(length, signal);
    return { body: await Promise.race([bodyOf(incoming, bytesMax), failed.promise]), release };
  } catch (error) {
    incoming.destroy();
    release();
    throw error;
  }
}

function bodyOf(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the answer has no end')), OPP_REQUEST_MS_MAX);
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) reject(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('close', () => clearTimeout(late));
  });
}
