/** What the answers of the Logs Ingestion API mean ("Logs Ingestion API overview"). */
import { isObject } from '@vitrine/schema';
import { objectIn } from '../kit/body.ts';
import { classifyAnswer } from '../kit/classify.ts';
import type { HttpAnswer, Outcome } from '../kit/contract.ts';

const ROLE =
  'give the application the role Monitoring Metrics Publisher on the data collection rule; ' +
  'it takes up to 30 minutes to count';
const PLACE = 'check endpoint and rule';

/** Refusals that no other row would be spared: the settings are wrong, not the alert. */
const OF_SETTINGS = ['InvalidStream', 'InvalidApiVersion'];

export function classifySentinel(answer: HttpAnswer): Outcome {
  const { status } = answer;
  if (status === 204) return { kind: 'ok', answer: 'HTTP 204' };
  // Anything else that is no failure comes from somebody else: a portal, a proxy, a wrong address.
  if (status >= 200 && status < 300) {
    return { kind: 'pause', reason: `HTTP ${status} where 204 is the only success: ${PLACE}` };
  }
  const { code, said } = refusalIn(answer);
  const reason = (hint: string): string => `HTTP ${status}: ${[hint, said].join(': ')}`;
  if (status === 401) return { kind: 'renew', reason: reason('the token was refused') };
  if (status === 403) return { kind: 'pause', reason: reason(ROLE) };
  if (status === 404) return { kind: 'pause', reason: reason(PLACE) };
  if (OF_SETTINGS.includes(code)) return { kind: 'pause', reason: reason('check stream') };
  if (status === 400 || status === 413) return { kind: 'split', reason: reason('refused') };
  const common = classifyAnswer(answer);
  // A refusal of the request as such, which every alert would meet.
  return common.kind === 'dead' ? { kind: 'pause', reason: common.reason } : common;
}

function refusalIn({ headers, body }: HttpAnswer): { code: string; said: string } {
  const { error } = objectIn(body) ?? {};
  const { code, message } = isObject(error) ? error : {};
  const named = headers['x-ms-error-code'] ?? (typeof code === 'string' ? code : '');
  const said = typeof message === 'string' ? `${named}: ${message}` : named || body;
  return { code: named, said };
}
