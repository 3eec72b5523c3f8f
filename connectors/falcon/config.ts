/** Settings of the connector for CrowdStrike Falcon Next-Gen SIEM. */
import { z } from 'zod';
import { httpSettings, plainUrl } from '../kit/config.ts';
import { dialectSetting, envelopeText } from '../kit/hec/envelope.ts';
import { secretReference } from '../kit/secret.ts';

export const falconConfig = z.strictObject({
  ...httpSettings,
  url: plainUrl().describe('the API URL that the console shows, with its path'),
  key: secretReference().describe('reference to the API key, which the console shows once'),
  dialect: dialectSetting('ecs'),
  sourcetype: envelopeText()
    .optional()
    .describe(
      "name of a parser that exists; the connection's own parser when left out. One that does " +
        'not exist is taken without a word, and the events are then hardly parsed',
    ),
  source: envelopeText().default('vitrine').describe('`source` of each event'),
  host: envelopeText()
    .optional()
    .describe('`host` of each event; the host that the alert names when left out'),
});
