/**
 * The numbered answers of Splunk's HTTP Event Collector, as the table of "Troubleshoot HTTP Event
 * Collector" has them. The statuses of 21 to 27 are from that page too; their words are not quoted
 * anywhere we could read, so no sender may depend on them.
 */
import { json, type Reply } from './receiver.ts';

const ANSWERS: Record<number, [status: number, text: string]> = {
  0: [200, 'Success'],
  1: [403, 'Token disabled'],
  2: [401, 'Token is required'],
  3: [401, 'Invalid authorization'],
  4: [403, 'Invalid token'],
  5: [400, 'No data'],
  6: [400, 'Invalid data format'],
  7: [400, 'Incorrect index'],
  8: [500, 'Internal server error'],
  9: [503, 'Server is busy'],
  10: [400, 'Data channel is missing'],
  11: [400, 'Invalid data channel'],
  12: [400, 'Event field is required'],
  13: [400, 'Event field cannot be blank'],
  14: [400, 'ACK is disabled'],
  15: [400, 'Error in handling indexed fields'],
  16: [400, 'Query string authorization is not enabled'],
  17: [200, 'HEC is healthy'],
  18: [503, 'HEC is unhealthy, queues are full'],
  19: [503, 'HEC is unhealthy, ack service unavailable'],
  20: [503, 'HEC is unhealthy, queues are full, ack service unavailable'],
  21: [400, 'Invalid token'],
  22: [400, 'Token disabled'],
  23: [503, 'Server is shutting down'],
  24: [200, 'HEC is healthy, queue is approaching capacity'],
  25: [200, 'HEC is healthy, ack channel is approaching capacity'],
  26: [429, 'Queue is at capacity'],
  27: [429, 'Ack channel is at capacity'],
};

/** What a refusal of this status is numbered when nobody says. */
const USUAL: Record<number, number> = { 400: 6, 401: 3, 403: 4, 429: 26, 500: 8, 503: 9 };

/** `more` is `ackId` or `invalid-event-number`. */
export function splunkAnswer(code: number, more: Record<string, number> = {}): Reply {
  const [status, text] = ANSWERS[code]!;
  return json(status, { text, code, ...more });
}

/** 413 and 415 are answered before the collector sees them: HTML, and no code. */
export function splunkRefusal(status: number, code: number | undefined = USUAL[status]): Reply {
  if (code !== undefined) return splunkAnswer(code);
  const body = `<!doctype html><html><head><title>${status}</title></head></html>`;
  return { status, headers: { 'content-type': 'text/html' }, body };
}

export const SPLUNK_NOT_FOUND: Reply = json(404, {
  text: 'The requested URL was not found on this server.',
  code: 404,
});
