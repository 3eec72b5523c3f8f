/**
 * Alerts to the HEC/HTTP Event Data Connector of CrowdStrike Falcon Next-Gen SIEM. Only the status
 * of an answer is judged: CrowdStrike publishes no words, so none are relied on.
 */

import { defineConnector } from '../kit/define.ts';
import { eventsBody, eventsHeaders, HEC_BATCH } from '../kit/hec/envelope.ts';
import { falconConfig } from './config.ts';
import { encodeFalcon } from './encode.ts';

const EVENT_PATH = '/services/collector';

export const falcon = defineConnector({
  type: 'falcon',
  config: falconConfig,
  batch: () => HEC_BATCH,
  encode: encodeFalcon,
  request({ items }, config) {
    const url = new URL(config.url);
    if (url.pathname === '/') url.pathname = EVENT_PATH;
    return {
      method: 'POST',
      url: url.href,
      headers: eventsHeaders('Bearer', config.key.reveal()),
      body: eventsBody(items),
    };
  },
});
