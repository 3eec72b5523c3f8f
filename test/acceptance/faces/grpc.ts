/**
 * OTLP over gRPC, as the official JavaScript exporter and the guide's sample agent send it, and as
 * the egress proxy of a sandbox reports by it: all of it is a row in the dashboard.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { adminToken } from '../path/api.ts';
import { REPOSITORY } from '../path/collector-process.ts';
import { run, userEnvironment } from '../path/program.ts';
import { isGiven, works } from '../path/requirement.ts';
import { until } from '../path/until.ts';
import type { House } from './house.ts';
import { rowsWith } from './timeline.ts';

const ROWS_MS_MAX = 15_000;
const SAMPLE = join(REPOSITORY, 'docs/samples/agent.ts');

export async function takesTheExporter(house: House): Promise<void> {
  await exports(house, 'exported', adminToken(house.system.data));
  const tab = await house.tab('/s/exported');
  await rowsWith(tab, '/exported/by-grpc').waitFor();
  // The cause broken: a sender without a right token is no row.
  await exports(house, 'refused', `${adminToken(house.system.data).slice(0, -1)}x`);
  await tab.go('/s/refused');
  await tab.page.getByRole('heading', { name: 'There is no such session' }).waitFor();
  tab.assertSound();
  await tab.close();
}

/** The agent of the guide: its prompt and its call are a tree, told by itself. */
export async function takesTheSample(house: House): Promise<void> {
  const { system } = house;
  const file = join(system.dir, 'notes.txt');
  writeFileSync(file, 'the canary sings\n');
  const endpoint = system.run.otlp_grpc;
  const args = [SAMPLE, endpoint, file, adminToken(system.data), 'sampled'];
  const { code, stdout, stderr } = await run([process.execPath, ...args], {
    env: userEnvironment(),
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'the canary sings\n');
  const tab = await house.tab('/s/sampled/agents');
  await tab.page.getByRole('row', { name: /^prompt p-1/ }).waitFor();
  const call = tab.page.getByRole('row', { name: /^tool Read/ });
  assert.match((await call.textContent())!, /✓ ok.*agent$/);
  await tab.go('/s/sampled');
  await rowsWith(tab, 'telemetry.bye').waitFor();
  tab.assertSound();
  await tab.close();
}

/** What a sandbox lets out is seen from its boundary; one that lets nothing out shows nothing. */
export async function takesTheEgressProxy(house: House, t: TestContext): Promise<void> {
  const given = works('bwrap', '--version') && works('strace', '-V');
  if (!isGiven(t, given, 'bubblewrap and strace are not here')) return;
  const [, incident] = /session\s+(foreign-key-[0-9a-f]+)/.exec(house.demo.stdout) ?? [];
  assert.deepEqual(await egressOf(house, incident!), [
    'boundary POST api.provider.example',
    'boundary POST api.provider.example',
  ]);
  await house.system.text('run', '--session', 'kept-in', '--', 'true');
  await until('the session is closed', ROWS_MS_MAX, async () => {
    const { items } = await house.json<Events>('/v1/sessions/kept-in/events?kind=close');
    return items.length > 0 ? true : undefined;
  });
  assert.deepEqual(await egressOf(house, 'kept-in'), []);
}

interface Events {
  items: { vantage: string; record: { http: { method: string; host: string } } }[];
}

async function egressOf(house: House, session: string): Promise<string[]> {
  const path = `/v1/sessions/${session}/events?kind=egress.request`;
  const { items } = await house.json<Events>(path);
  return items.map(({ vantage, record: { http } }) => `${vantage} ${http.method} ${http.host}`);
}

async function exports({ system }: House, session: string, token: string): Promise<void> {
  // The exporter's own way to a header: the gRPC one takes none in its options but its own class's.
  process.env.OTEL_EXPORTER_OTLP_HEADERS = `authorization=Bearer%20${token}`;
  const exporter = new OTLPLogExporter({ url: system.run.otlp_grpc });
  delete process.env.OTEL_EXPORTER_OTLP_HEADERS;
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const attributes = { 'session.id': session, 'file.path': '/exported/by-grpc' };
  provider.getLogger('acceptance').emit({ eventName: 'file.write', attributes });
  await provider.shutdown();
}
