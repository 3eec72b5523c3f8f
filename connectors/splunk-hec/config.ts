/** Settings of the Splunk HEC connector. */
import { z } from 'zod';
import { httpSettings, plainUrl } from '../kit/config.ts';
import { dialectSetting, envelopeText } from '../kit/hec/envelope.ts';
import { secretReference } from '../kit/secret.ts';

const settings = z.strictObject({
  ...httpSettings,
  url: plainUrl().describe(
    'the collector, without a path: `https://HOST:8088`, or ' +
      '`https://http-inputs-STACK.splunkcloud.com`',
  ),
  token: secretReference().describe('reference to the token, without the word `Splunk`'),
  index: envelopeText()
    .optional()
    .describe("where the events go; the token's default index when left out"),
  source: envelopeText().default('vitrine').describe('`source` of each event'),
  sourcetype: envelopeText().default('vitrine:alert').describe('`sourcetype` of each event'),
  host: envelopeText()
    .optional()
    .describe('`host` of each event; the host that the alert names when left out'),
  dialect: dialectSetting('ocsf'),
  ack: z
    .boolean()
    .default(false)
    .describe(
      'wait until the events are indexed: indexer acknowledgement, which the token must have on; ' +
        'Splunk Enterprise only',
    ),
  channel: z
    .guid('must be a GUID')
    .optional()
    .describe('channel of the acknowledgements; made of the other settings when left out'),
});

export const splunkConfig = settings.refine(({ ack, channel }) => ack || channel === undefined, {
  path: ['channel'],
  error: 'means nothing without ack: true',
});
