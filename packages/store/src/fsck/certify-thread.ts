/** Certifies windows in a thread of its own, in the order in which they come. */
import { parentPort } from 'node:worker_threads';
import type { RawWindow } from './certificate.ts';
import { certify } from './certify.ts';

parentPort?.on('message', (window: RawWindow) => {
  const certificates = certify(window);
  parentPort?.postMessage(
    certificates,
    certificates.map(({ leaves }) => leaves.buffer as ArrayBuffer),
  );
});
