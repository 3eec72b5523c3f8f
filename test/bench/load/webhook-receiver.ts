/**
 * A webhook's receiver in a thread of its own: answers at once, and tells its parent of each new id
 * and when it came. Messages: the port first, then `[id, unix ms][]`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const TELL_MS = 20;

export interface Receiver {
  url: string;
  /** Id to the moment of its first arrival, unix milliseconds. */
  arrived: Map<string, number>;
  stop(): Promise<void>;
}

/** Only bodies with this text are told of, or all. */
export async function startReceiver(text?: string): Promise<Receiver> {
  const worker = new Worker(new URL(import.meta.url), { workerData: text });
  const arrived = new Map<string, number>();
  const port = await new Promise<number>((done) => worker.once('message', done));
  worker.on('message', (news: [string, number][]) => {
    for (const [id, at] of news) if (!arrived.has(id)) arrived.set(id, at);
  });
  const stop = async (): Promise<void> => void (await worker.terminate());
  return { url: `http://127.0.0.1:${port}/`, arrived, stop };
}

if (!isMainThread) {
  let news: [string, number][] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(204).end();
      const told = workerData === undefined || Buffer.concat(chunks).includes(String(workerData));
      if (told) news.push([String(request.headers['webhook-id']), Date.now()]);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    parentPort!.postMessage((server.address() as AddressInfo).port);
    setInterval(() => {
      if (news.length > 0) parentPort!.postMessage(news);
      news = [];
    }, TELL_MS);
  });
}
