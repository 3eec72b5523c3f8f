/** Reads a request's body chunk by chunk; an async iterator costs as much again for a small one. */
import type { IncomingMessage } from 'node:http';

/**
 * Resolves at the end. Rejects with what `take` throws, or what the socket says when the sender
 * gives up; the request is paused then and not destroyed, so that its sender can hear why.
 */
export function eachChunk(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      request.off('data', data).off('end', end).off('error', fail).off('close', closed);
    };
    const fail = (error: unknown): void => {
      leave();
      request.pause();
      // Whatever the socket says after that has been said already.
      request.on('error', () => {});
      reject(error);
    };
    const data = (chunk: Buffer): void => {
      try {
        take(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const end = (): void => {
      leave();
      resolve();
    };
    const closed = (): void => fail(new Error('the sender has gone'));
    request.on('data', data).on('end', end).on('error', fail).on('close', closed);
    if (request.destroyed && !request.complete) closed();
  });
}
