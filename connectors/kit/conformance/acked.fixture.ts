/** A connector whose destination gives out tickets, takes whole batches and hides nothing. */
import { z } from 'zod';
import { classifyAnswer } from '../classify.ts';
import { httpSettings } from '../config.ts';
import { defineConnector } from '../define.ts';
import type { Subject } from './world.ts';

const URL = 'http://127.0.0.1:9';
const bodyOf = (text: string): Buffer => Buffer.from(text, 'utf8');

const acked = defineConnector({
  type: 'acked',
  config: z.strictObject({ ...httpSettings }),
  batch: () => ({ alertsMax: 4, bytesMax: 100_000, ageMsMax: 50, order: 'whole' }),
  encode: ({ id }) => bodyOf(id),
  request: ({ items }) => ({
    method: 'POST',
    url: `${URL}/send`,
    headers: {},
    body: Buffer.concat(items.map(({ bytes }) => bytes)),
  }),
  classify(answer) {
    const outcome = classifyAnswer(answer);
    const ticket = answer.headers['x-ticket'];
    if (outcome.kind !== 'ok' || ticket === undefined) return outcome;
    return { kind: 'accepted', ticket, answer: outcome.answer };
  },
  confirm: {
    pollMs: 400,
    triesMax: 3,
    request: (tickets) => {
      const body = bodyOf(JSON.stringify(tickets));
      return { method: 'POST', url: `${URL}/confirm`, headers: {}, body };
    },
    read(answer) {
      if (answer.status !== 200) return classifyAnswer(answer);
      return new Map((JSON.parse(answer.body) as string[]).map((ticket) => [ticket, true]));
    },
  },
});

export function ackedSubject(): Subject {
  let tickets = 0;
  return {
    type: acked,
    sample: { config: { allow: ['loopback'] }, environment: {} },
    destination: {
      accept: () => ({ status: 200, headers: { 'x-ticket': String(tickets++) } }),
      side: ({ url }) => (url.endsWith('/confirm') ? { status: 200 } : undefined),
    },
  };
}
