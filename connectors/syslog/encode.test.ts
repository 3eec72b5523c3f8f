import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  ALERT_BYTES_MAX,
  type JsonObject,
  SYSLOG_DATAGRAM_BYTES_DEFAULT,
  SYSLOG_MESSAGE_BYTES_MAX,
  SYSLOG_MESSAGE_BYTES_MIN,
} from '@vitrine/schema';
import fc from 'fast-check';
import { sampleAlerts } from '../kit/conformance/sample-log.ts';
import type { DeliverableAlert } from '../kit/contract.ts';
import { type SyslogSettings, syslogConfig } from './config.ts';
import { encodeSyslog } from './encode.ts';
import { readSyslog } from './reader.fixture.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const settings = (more: object = {}): SyslogSettings => {
  return syslogConfig.parse({ host: 'siem.example', hostname: 'collector.example', ...more });
};
const sample = (fields: JsonObject = {}): DeliverableAlert => sampleAlerts([{ fields }])[0]!;
const read = (alert: DeliverableAlert, more: object = {}) => {
  return readSyslog(encodeSyslog(alert, settings(more)).toString('utf8'));
};

describe('the golden messages', () => {
  for (const name of ['alert', 'long-alert']) {
    for (const transport of ['tls', 'udp']) {
      for (const payload of ['json', 'cef', 'leef']) {
        const file = [name, ...(transport === 'udp' ? ['udp'] : []), payload, 'txt'].join('.');
        it(file, () => {
          const alert: DeliverableAlert = JSON.parse(golden(`${name}.json`).toString());
          const made = encodeSyslog(alert, settings({ transport, payload }));
          assert.equal(made.toString('utf8'), golden(file).toString('utf8'));
          const most = transport === 'udp' ? SYSLOG_DATAGRAM_BYTES_DEFAULT : ALERT_BYTES_MAX;
          assert.ok(made.length <= most);
        });
      }
    }
  }
});

describe('the header', () => {
  it('has the severity of the alert and the facility of the settings', () => {
    const { facility, severity, ...header } = read(sample({ severity: 'critical' }));
    assert.deepEqual([facility, severity], [13, 2]);
    assert.equal(header.time, '2025-11-24T16:00:00.000Z');
    assert.equal(header.hostname, 'collector.example');
    assert.deepEqual([header.appName, header.processId], ['vitrine', '-']);
    assert.equal(header.messageId, 'EGR-001');
    assert.equal(read(sample({ severity: 'low' }), { facility: 'local3' }).facility, 19);
    assert.equal(read(sample({ severity: 'low' })).severity, 5);
  });

  it('says which alert it is and where it stands, under a number of your own', () => {
    const alert = sample();
    const { id, log, index, leaf } = alert;
    const place = { id, log, index: String(index), leaf };
    for (const payload of ['json', 'cef', 'leef']) {
      assert.deepEqual(read(alert, { payload }).data, { 'vitrine@0': place });
    }
    const numbered = read({ ...alert, test: true }, { enterprise_number: 4_711 });
    assert.deepEqual(numbered.data, { 'vitrine@4711': { ...place, test: 'true' } });
  });

  it('holds whatever a record has in it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom('"', '\\', ']', '[', ' ', '=', '\n', '\0', 'é', '\ud800'),
      }),
      fc.constantFrom('x"] forged', '\\"] - -', 'a\r\n<0>1 - - - - - - x', ''),
    );
    fc.assert(
      fc.property(text, text, text, (rule, id, log) => {
        const made = sample();
        const alert = { ...made, record: { ...made.record, rule }, id, log };
        for (const payload of ['json', 'cef', 'leef']) {
          const text = encodeSyslog(alert, settings({ payload })).toString('utf8');
          assert.ok(!/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(text), 'a control');
          const { data, messageId, severity } = readSyslog(text);
          const seen = (from: string): string => {
            return from.toWellFormed().replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '\ufffd');
          };
          assert.equal(data['vitrine@0']!.id, seen(id));
          assert.equal(data['vitrine@0']!.log, seen(log));
          assert.ok(messageId.length <= 32);
          assert.equal(severity, 3);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the payload', () => {
  it('in JSON is the record with its place and its proof', () => {
    const alert = sample();
    const { log, index, leaf, proof, link } = alert;
    const expected = { ...alert.record, log, index, leaf, proof, link };
    assert.deepEqual(JSON.parse(read(alert).message), expected);
  });

  it('in JSON gives its proof up last, and says so', () => {
    const long = sample({ what: 'A file went out. '.repeat(200) });
    const { proof, trimmed } = JSON.parse(read(long).message);
    assert.deepEqual([proof, trimmed], [long.proof, ['chain', 'texts']]);
    const unproven = { ...long, proof: 'p'.repeat(ALERT_BYTES_MAX) };
    const cut = JSON.parse(read(unproven).message);
    assert.deepEqual([cut.proof, cut.trimmed[0]], [undefined, 'proof']);
    assert.deepEqual([cut.leaf, cut.link], [long.leaf, long.link]);
  });

  it('in JSON for a datagram gives its proof up first, so that words are left', () => {
    const alert = sample();
    const room = encodeSyslog(alert, settings()).length;
    const sent = (message_bytes: number) => {
      return JSON.parse(read(alert, { transport: 'udp', message_bytes }).message);
    };
    assert.equal(sent(room).proof, alert.proof);
    assert.equal(sent(room).trimmed, undefined);
    assert.deepEqual(sent(room - 1).trimmed, ['proof']);
    assert.equal(sent(SYSLOG_DATAGRAM_BYTES_DEFAULT).what, alert.record.what);
  });

  it('in CEF and LEEF starts its line at once, without a byte order mark', () => {
    assert.match(read(sample(), { payload: 'cef' }).message, /^CEF:0\|.* cs6=.* flexString2=/);
    assert.match(read(sample(), { payload: 'leef' }).message, /^LEEF:2\.0\|.*\^leafHash=.*\^link=/);
  });

  it('fills a message to its last byte and never more', () => {
    for (const message_bytes of [SYSLOG_MESSAGE_BYTES_MIN, 2_048, SYSLOG_MESSAGE_BYTES_MAX]) {
      const most = (payload: string): number => {
        const lengths = Array.from({ length: 40 }, (_, i) => {
          const what = 'ü'.repeat(message_bytes / 8 + i * 97);
          const made = encodeSyslog(sample({ what }), settings({ payload, message_bytes }));
          readSyslog(made.toString('utf8'));
          return made.length;
        });
        return Math.max(...lengths);
      };
      for (const payload of ['json', 'cef', 'leef']) assert.ok(most(payload) <= message_bytes);
    }
    const empty = encodeSyslog(sample({ what: '' }), settings()).length;
    const full = sample({ what: 'x'.repeat(ALERT_BYTES_MAX - empty) });
    assert.equal(encodeSyslog(full, settings()).length, ALERT_BYTES_MAX);
    assert.equal(JSON.parse(read(full).message).trimmed, undefined);
    const over = sample({ what: 'x'.repeat(ALERT_BYTES_MAX - empty + 1) });
    assert.deepEqual(JSON.parse(read(over).message).trimmed, ['chain']);
  });

  it('that cannot be made to fit is refused', () => {
    const endless = { ...sample(), log: 'l'.repeat(2_000) };
    for (const payload of ['json', 'cef', 'leef']) {
      assert.throws(() => encodeSyslog(endless, settings({ payload, transport: 'udp' })), {
        code: 'ALERT_TOO_LARGE',
      });
    }
  });
});

describe('the settings', () => {
  it('name certificates for TLS only', () => {
    const pair = { cert_file: 'a.pem', key_file: 'a.key' };
    for (const more of [{ ca_file: 'ca.pem' }, { server_name: 'siem' }, pair]) {
      assert.equal(settings(more).transport, 'tls');
      for (const transport of ['tcp', 'udp']) {
        assert.throws(() => settings({ ...more, transport }), /nothing without tls/);
      }
    }
  });

  it('have bounds on both sides', () => {
    const refuses = (more: object): boolean => {
      return !syslogConfig.safeParse({ host: 'siem.example', ...more }).success;
    };
    for (const message_bytes of [SYSLOG_MESSAGE_BYTES_MIN, SYSLOG_MESSAGE_BYTES_MAX]) {
      assert.ok(!refuses({ message_bytes }));
    }
    assert.ok(refuses({ message_bytes: SYSLOG_MESSAGE_BYTES_MIN - 1 }));
    assert.ok(refuses({ message_bytes: SYSLOG_MESSAGE_BYTES_MAX + 1 }));
    assert.ok(!refuses({ settle_ms: 100 }) && refuses({ settle_ms: 99 }));
    assert.ok(!refuses({ settle_ms: 20_000 }) && refuses({ settle_ms: 20_001 }));
    assert.ok(!refuses({ hostname: 'h'.repeat(255) }) && refuses({ hostname: 'h'.repeat(256) }));
    assert.ok(refuses({ hostname: 'two words' }) && refuses({ app_name: 'a\nb' }));
    assert.ok(refuses({ host: '' }) && refuses({ transport: 'relp' }) && refuses({ port: 0 }));
  });
});
