/**
 * A process that asks for the newest checkpoint all the time and writes down each new one, as a
 * witness would: `checkpoint-watch.ts JSON`. One JSON text a line, in the order of the answers.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface WatchOrder {
  /** Address of the checkpoint. */
  url: string;
  token: string;
  file: string;
}

const POLL_MS = 60;

const { url, token, file } = JSON.parse(process.argv[2]!) as WatchOrder;
let last = '';
for (;;) {
  const note = await fetchNote();
  if (note !== undefined && note !== last) appendFileSync(file, `${JSON.stringify(note)}\n`);
  last = note ?? last;
  await sleep(POLL_MS);
}

async function fetchNote(): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined;
  }
}
