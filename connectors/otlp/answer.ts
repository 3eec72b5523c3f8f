/**
 * What an OTLP receiver says and what follows (OTLP 1.11, "OTLP/HTTP Response"): refusals mean
 * what they mean everywhere, and a 200 may hide that some records were rejected.
 */
import { decodeExportResponse } from '@vitrine/schema';
import { classifyAnswer } from '../kit/classify.ts';
import type { HttpAnswer, Outcome } from '../kit/contract.ts';

type Encoding = 'protobuf' | 'json';

/** `sent`: the encoding of the request, in which the answer has to be. */
export function classifyOtlp(answer: HttpAnswer, sent: Encoding): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return readSuccess(answer, sent);
  // OTLP would try again after 429, 502, 503 and 504 only. We do after a 500 too: no alert is given
  // up because a proxy failed once.
  return classifyAnswer(answer);
}

/**
 * Which records were rejected is not said, so the request is halved until each is known: what was
 * taken is taken again, under its `log.record.uid`.
 */
function readSuccess(answer: HttpAnswer, sent: Encoding): Outcome {
  const { status } = answer;
  try {
    const { rejected, message } = partialOf(answer, sent);
    const words = message === '' ? '' : `: ${message}`;
    if (rejected > 0)
      return { kind: 'split', reason: `HTTP ${status}, ${rejected} rejected${words}` };
    // A message without a number is a warning: everything was taken.
    return { kind: 'ok', answer: `HTTP ${status}${words}` };
  } catch {
    const reason = `HTTP ${status}, but not from an OTLP receiver: set url to the receiver itself`;
    return { kind: 'pause', reason };
  }
}

function partialOf({ headers, body, bytes = Buffer.from(body) }: HttpAnswer, sent: Encoding) {
  // Receivers of other makes answer nothing at all where the specification wants an empty message.
  if (bytes.length === 0) return { rejected: 0, message: '' };
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return decodeExportResponse('json', bytes);
  if (type === 'application/x-protobuf') return decodeExportResponse('protobuf', bytes);
  return decodeExportResponse(sent, bytes);
}
