/** Answers of the API that are refusals, or no JSON, as coded errors. */
import { isObject } from '@vitrine/schema';
import { CliError } from '../error.ts';
import { linesOf } from './stream.ts';

/** The API's `{code, message, hint}`, or what can be said without it. */
export async function refusalOf(
  response: Response,
  method: string,
  path: string,
): Promise<CliError> {
  const text = await response.text().catch(() => '');
  try {
    const error = errorOf(JSON.parse(text), Number(response.headers.get('retry-after')));
    if (error !== undefined) return error;
  } catch {
    // Not JSON: said below.
  }
  const message = `${method} ${path} was answered with status ${response.status}`;
  return new CliError('API_FAILED', message, "look at the collector's output");
}

export function errorOf(body: unknown, retryAfterSeconds = 0): CliError | undefined {
  if (!isObject(body)) return undefined;
  const { code, message, hint } = body;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  const asked = retryAfterSeconds > 0 ? { retryAfterSeconds } : {};
  return new CliError(code, message, typeof hint === 'string' ? hint : '', asked);
}

export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = 'the system answered with something that is not JSON';
    const hint = 'is the address in run.json that of a Vitrine collector?';
    throw new CliError('API_FAILED', message, hint, { cause });
  }
}

/** What a stream of JSON lines says; one that tells of an error ends in that error. */
export async function* answersOf<T>(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  for await (const line of linesOf(bytes)) {
    if (line.trim() === '') continue;
    const answer = parseAnswer(line);
    const error = isObject(answer) ? errorOf(answer.error) : undefined;
    if (error !== undefined) throw error;
    yield answer as T;
  }
}
