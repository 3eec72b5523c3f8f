/**
 * The size of an answer, as far as it can be known before it is handed on: declared, or read ahead
 * within small bounds.
 */
import type { IncomingMessage } from 'node:http';
import { EGRESS_PEEK_BYTES_MAX, EGRESS_PEEK_MS_MAX } from '@vitrine/schema';

export interface Peeked {
  /** Size of the body; absent when it is not known yet. */
  bytes?: number;
  /** What was read ahead. */
  chunks: Buffer[];
  read: number;
  ended: boolean;
}

/** `Content-Length`, if there is a valid one. */
export function declaredLength(answer: IncomingMessage): number | undefined {
  const text = answer.headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Leaves the answer paused. A HEAD has no body whatever it declares. */
export function peek(answer: IncomingMessage, isHead: boolean): Promise<Peeked> {
  const declared = declaredLength(answer);
  if (declared !== undefined && !isHead) {
    return Promise.resolve({ bytes: declared, chunks: [], read: 0, ended: false });
  }
  const chunks: Buffer[] = [];
  let read = 0;
  return new Promise((resolve, reject) => {
    const done = (ended: boolean): void => {
      clearTimeout(timer);
      answer.off('data', take);
      answer.off('end', end);
      answer.off('error', fail);
      answer.pause();
      resolve({ ...(ended ? { bytes: read } : {}), chunks, read, ended });
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      read += chunk.length;
      if (read >= EGRESS_PEEK_BYTES_MAX) done(false);
    };
    const end = (): void => done(true);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => done(false), EGRESS_PEEK_MS_MAX);
    answer.on('data', take);
    answer.on('end', end);
    answer.on('error', fail);
  });
}
