/** The guide, typed into a shell: its rsyslog, its settings, its test alert. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { quietPort, REPOSITORY, Stage } from '../../acceptance/path/collector-process.ts';
import { run, userEnvironment } from '../../acceptance/path/program.ts';
import { isGiven, works } from '../../acceptance/path/requirement.ts';
import { System, VITRINE } from '../../acceptance/path/system.ts';
import { until } from '../../acceptance/path/until.ts';
import { rsyslogBinary } from './rsyslogd.ts';

const PAGE = 'docs/guides/syslog.md';
const PORT = '6514';
const END_MS_MAX = 10_000;

test(`${PAGE} is what happens`, async (t) => {
  const given = rsyslogBinary() !== undefined && works('openssl', 'version');
  const without = 'rsyslogd is not here: packages rsyslog and rsyslog-openssl have it';
  if (!isGiven(t, given, without)) return;
  const stage = new Stage(t);
  const port = String(await quietPort());
  const page = readFileSync(join(REPOSITORY, PAGE), 'utf8').replaceAll(PORT, port);
  const fences = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const inLanguage = (language: string): string[] => {
    return fences.filter(([, named]) => named === language).map(([, , text]) => text!);
  };
  const [receiver, trial, end] = inLanguage('');
  const [yaml] = inLanguage('yaml');
  const type = async (commands: string): Promise<string> => {
    const script = `set -euo pipefail\nnpx() { shift 2; "$NODE" "$VITRINE" "$@"; }\n${commands}`;
    const [NODE, TOOL] = VITRINE;
    const env = userEnvironment({ NODE, VITRINE: TOOL, VITRINE_DATA: stage.data });
    const { code, stdout, stderr } = await run(['bash', '-c', script], { cwd: stage.dir, env });
    assert.equal(code, 0, `${PAGE}: ${stdout}${stderr}`);
    return stdout;
  };
  await type(receiver!);
  stage.atEnd(() => type(`if [ -f soc/rsyslogd.pid ]; then ${end} fi`));
  const settings = yaml!
    .replace('soc/ca.pem', join(stage.dir, 'soc/ca.pem'))
    .replace('host: localhost', `host: localhost\n    port: ${port}`);
  await System.up(stage, settings);
  const said = await type(trial!);
  assert.match(said, /syslog has no acknowledgement/);
  assert.match(said, /^<\d+>1 .* SELFTEST \[vitrine@0 id="alr_.* test="true"\] CEF:0\|.*SELFTEST/m);
  await type(end!);
  await until('rsyslog is gone', END_MS_MAX, async () => {
    return existsSync(join(stage.dir, 'soc/rsyslogd.pid')) ? undefined : true;
  });
});
