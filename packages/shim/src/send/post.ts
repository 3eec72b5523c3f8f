/**
 * One OTLP/HTTP request to an intake on a Unix socket. 200 means that the relay has the events on
 * disk; whatever else happens is an error that says whether another try makes sense.
 */
import { Agent, request } from 'node:http';
import { SHIM_SEND_MS_MAX } from '@vitrine/schema';
import { ShimError, systemCode } from '../error.ts';

const ANSWER_BYTES_MAX = 4_096;
/** A relay that is full or stopping says so with these. */
const AGAIN = new Set([408, 429, 502, 503, 504]);

export class Intake {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Throws SEND_UNHEARD (try again) or SEND_REFUSED (these bytes will never be taken). */
  post(body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request({
        socketPath: this.#socketPath,
        agent: this.#agent,
        method: 'POST',
        path: '/v1/logs',
        headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
        timeout: SHIM_SEND_MS_MAX,
      });
      call.on('timeout', () => call.destroy(new Error(`no answer in ${SHIM_SEND_MS_MAX} ms`)));
      call.on('error', (cause) => reject(unheard(systemCode(cause) ?? cause.message, cause)));
      call.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
        });
        answer.on('error', (cause) => reject(unheard(cause.message, cause)));
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          if (status === 200) resolve();
          else if (AGAIN.has(status)) reject(unheard(`status ${status}`));
          else reject(refused(status));
        });
      });
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function unheard(why: string, cause?: unknown): ShimError {
  const message = `the relay did not take the events (${why})`;
  return new ShimError('SEND_UNHEARD', message, 'they are sent again', { cause });
}

/** The answer's text is not repeated: it may quote what was sent. */
function refused(status: number): ShimError {
  const message = `the relay refused the events (status ${status})`;
  return new ShimError('SEND_REFUSED', message, 'is the socket the one of a relay intake?');
}
