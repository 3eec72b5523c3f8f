/** Rows and alerts of a running collector as other tools read them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '@vitrine/schema';
import { CollectorRig } from '../fixture/collector.ts';

const RULE = `title: A tool was called
logsource: {product: agent_sandbox, category: tool}
detection:
  selection: {kind: tool.call}
  condition: selection
fields: [tool.name]
tags: [attack.execution, attack.t1059]
level: high
x-vitrine:
  what: "{tool.name} was called."
  todo: Look at it.
  risk: [model_misbehaviour]
`;

const rig = new CollectorRig(1_800_000_000_000_000_000n);

interface Page {
  items: (JsonObject | string)[];
  cursor: number | null;
  size: number;
}

before(async () => {
  await rig.start();
  const rules = join(dirname(rig.collector.adminTokenFile), 'rules');
  mkdirSync(rules, { recursive: true });
  writeFileSync(join(rules, 'TST-001.yml'), RULE);
  await rig.until(async () => {
    const { bytes } = await rig.get('/v1/rules');
    const { items } = JSON.parse(bytes.toString()) as { items: { id: string; state: string }[] };
    return items.find(({ id }) => id === 'TST-001');
  });
  await rig.push('s1', 3);
  await rig.sealed('s1', 2);
  await rig.until(async () => ((await page('/v1/alerts')).items.length > 0 ? true : undefined));
});
after(() => rig.remove());

async function page(path: string): Promise<Page> {
  const { answer, bytes } = await rig.get(path);
  assert.equal(answer.status, 200, bytes.toString());
  return JSON.parse(bytes.toString()) as Page;
}

async function lines(path: string): Promise<{ answer: Response; lines: string[] }> {
  const headers = { authorization: `Bearer ${rig.token}`, accept: 'application/x-ndjson' };
  const answer = await fetch(rig.collector.api + path, { headers });
  const text = await answer.text();
  assert.ok(text === '' || text.endsWith('\n'));
  return { answer, lines: text.split('\n').slice(0, -1) };
}

describe('format=', () => {
  it('gives alerts as detection findings, with link and evidence', async () => {
    const stored = await page('/v1/alerts?limit=1');
    const { items, cursor, size } = await page('/v1/alerts?limit=1&format=ocsf');
    const [alert] = stored.items as { index: number; leaf: string; record: JsonObject }[];
    const [finding] = items as [JsonObject & { finding_info: JsonObject; unmapped: JsonObject }];
    assert.equal(cursor, stored.cursor);
    // The log goes on by seals.
    assert.ok(size >= stored.size);
    assert.equal(finding.class_uid, 2004);
    assert.equal(finding.severity_id, 4);
    assert.equal(finding.message, alert!.record.what);
    assert.equal(finding.finding_info.uid, alert!.record.id);
    const link = `http://127.0.0.1:3000/alerts?a=${alert!.index}`;
    assert.equal(finding.finding_info.src_url, link);
    const { vitrine } = finding.unmapped as { vitrine: JsonObject };
    assert.deepEqual([vitrine.index, vitrine.leaf], [alert!.index, alert!.leaf]);
  });

  it('gives the events of a session in every dialect, and pages as ever', async () => {
    const path = '/v1/sessions/s1/events?kind=tool.call&limit=2';
    const ocsf = await page(`${path}&format=ocsf`);
    assert.deepEqual(
      ocsf.items.map((item) => (item as JsonObject).type_uid),
      [600_399, 600_399],
    );
    const ecs = await page(`${path}&format=ecs&after=${ocsf.cursor}`);
    assert.equal(ecs.items.length, 1);
    assert.equal(((ecs.items[0] as JsonObject).event as JsonObject).action, 'tool.call');
    const cef = await page(`${path}&format=cef`);
    assert.match(String(cef.items[0]), /^CEF:0\|Vitrine\|Vitrine\|[^|]+\|tool\.call\|/);
    const leef = await page(`${path}&format=leef`);
    assert.match(
      String(leef.items[0]),
      /^LEEF:2\.0\|Vitrine\|Vitrine\|[^|]+\|tool\.call\|\^\|sev=/,
    );
    const all = await page('/v1/events?kind=tool.call&format=cef');
    assert.equal(all.items.length, 3);
  });

  it('gives a line for each where the request accepts them', async () => {
    const json = await lines('/v1/sessions/s1/events?kind=tool.call&limit=2&format=ocsf');
    assert.equal(json.answer.headers.get('content-type'), 'application/x-ndjson');
    assert.equal(json.lines.length, 2);
    const [first, second] = json.lines.map((line) => JSON.parse(line).unmapped.vitrine.index);
    assert.ok(first < second);
    assert.equal(json.answer.headers.get('vitrine-cursor'), String(second));
    const cef = await lines('/v1/alerts?format=cef');
    assert.match(cef.answer.headers.get('content-type')!, /^text\/plain/);
    assert.equal(cef.lines.filter((line) => /^CEF:0\|.*\|TST-001\|/.test(line)).length, 1);
    assert.equal(cef.answer.headers.get('vitrine-cursor'), null);
    const leef = await lines('/v1/alerts?format=leef');
    assert.match(leef.answer.headers.get('content-type')!, /^text\/plain/);
    assert.equal(leef.lines.filter((line) => /^LEEF:2\.0\|.*\|TST-001\|/.test(line)).length, 1);
    const plain = await lines('/v1/sessions/s1/events?kind=tool.call');
    assert.equal(JSON.parse(plain.lines[0]!).record.kind, 'tool.call');
  });

  it('is followed live, narrowed to the alerts of one session', async () => {
    const stop = new AbortController();
    const path = '/v1/tail?session=log&kind=alert&subject=s2&format=cef&after=-1';
    const answer = await fetch(rig.collector.api + path, {
      headers: { authorization: `Bearer ${rig.token}` },
      signal: stop.signal,
    });
    await rig.push('s2', 1);
    let text = '';
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      if (/event: record\n.*\n.*\n\n/.test(text)) break;
    }
    stop.abort();
    assert.match(text, /\nevent: record\nid: \d+\ndata: "CEF:0\|.*\|TST-001\|.* cs1=s2 /);
    assert.ok(!text.includes('cs1=s1 '));
  });

  it('refuses a dialect that is none', async () => {
    for (const path of ['/v1/alerts', '/v1/sessions/s1/events', '/v1/events', '/v1/tail']) {
      assert.deepEqual(await rig.refused(`${path}?format=gelf`), [400, 'BAD_REQUEST']);
    }
  });
});
