/** HTTP over Unix sockets, as tests speak to a relay. */
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type AttributeValue, encodeLogsRequest } from '@vitrine/schema';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  agent?: Agent;
  signal?: AbortSignal;
}

export function send(socketPath: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { method = 'POST', headers = {}, body = '', agent, signal } = sent;
  return new Promise((resolve, reject) => {
    const options = { socketPath, path, method, headers, agent, signal };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const PROTOBUF = { 'content-type': 'application/x-protobuf' };

export function sendLogs(socketPath: string, body: Uint8Array, sent: Sent = {}): Promise<Answer> {
  return send(socketPath, '/v1/logs', { ...sent, headers: { ...PROTOBUF, ...sent.headers }, body });
}

/** One `file.read` for each path, numbered from `seq` as one of our own shims does it. */
export function fileReads(
  paths: string[],
  { shim, seq }: { shim?: string; seq?: number } = {},
): Buffer {
  const resource: Record<string, AttributeValue> =
    shim === undefined ? {} : { 'vitrine.shim.name': shim };
  const records = paths.map((path, i) => {
    const attributes: Record<string, AttributeValue> = { 'file.path': path };
    if (seq !== undefined) attributes['vitrine.shim.seq'] = seq + i;
    return { eventName: 'file.read', timeUnixNano: String(1_000 + i), attributes };
  });
  return encodeLogsRequest(records, resource);
}
