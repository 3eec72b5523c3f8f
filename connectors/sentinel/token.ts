/**
 * Access tokens of Microsoft Entra for an application: "Microsoft identity platform and the OAuth
 * 2.0 client credentials flow". When to ask for one is the kit's business.
 */
import type { z } from 'zod';
import { objectIn } from '../kit/body.ts';
import { classifyAnswer } from '../kit/classify.ts';
import type { HttpAnswer, HttpRequest, Outcome, Token } from '../kit/contract.ts';
import type { Resolved } from '../kit/secret.ts';
import { CLOUDS, type sentinelConfig } from './config.ts';

type Config = Resolved<z.infer<typeof sentinelConfig>>;

export function tokenRequest({
  tenant,
  client_id,
  client_secret,
  cloud,
  authority,
}: Config): HttpRequest {
  const { authority: usual, scope } = CLOUDS[cloud];
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id,
    client_secret: client_secret.reveal(),
    scope: `${scope}/.default`,
  });
  return {
    method: 'POST',
    url: new URL(`/${tenant}/oauth2/v2.0/token`, authority ?? usual).href,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(form.toString(), 'utf8'),
  };
}

/** The token, or why there is none: what the application was refused for is for a person. */
export function readToken(answer: HttpAnswer): Token | Outcome {
  const { access_token, expires_in, error_description } = objectIn(answer.body) ?? {};
  const seconds = Number(expires_in);
  if (answer.status === 200 && typeof access_token === 'string' && seconds > 0) {
    return { token: access_token, expiresInMs: seconds * 1_000 };
  }
  const common = classifyAnswer(answer);
  if (common.kind === 'retry') return common;
  const said = typeof error_description === 'string' ? error_description : 'no token in the answer';
  const hint = 'check tenant, client_id, client_secret and cloud';
  return { kind: 'pause', reason: `HTTP ${answer.status} from Entra: ${hint}: ${said}` };
}
