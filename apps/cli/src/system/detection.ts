/** What `doctor` says of detection: whether it runs, how far behind it is, what it refused. */
import type { Client } from '../client/client.ts';
import { sentenceOf } from '../error.ts';
import { grouped, plain } from '../print/text.ts';
import type { Finding } from './doctor.ts';

/** A rule that is this late is no help to whoever would stop something. */
const LAG_SECONDS_MAX = 60;

export async function detectionFindings(client: Pick<Client, 'rules'>): Promise<Finding[]> {
  const check = 'detection';
  try {
    const { items, refused, state, deaths, last_error, ...reading } = await client.rules();
    const { lag_rows, lag_seconds, failed } = reading;
    const behind = `${grouped(lag_rows)} records and ${lag_seconds.toFixed(1)} s behind`;
    const found = `${items.length} rules, ${lag_rows === 0 ? 'nothing waits' : behind}`;
    const logged = "look at the collector's output for detect:";
    if (state !== 'running') {
      const reason = plain(last_error ?? 'unknown');
      const why = `its thread has died ${grouped(deaths)} times (${reason})`;
      const worst = state === 'failing' ? 'fail' : 'warn';
      return [{ check, state: worst, found: `${found}; ${why}`, fix: logged }];
    }
    const findings: Finding[] = [];
    const late = lag_seconds > LAG_SECONDS_MAX;
    const fix = 'fewer or cheaper rules, or fewer records: vitrine_detect_lag_seconds in /metrics';
    findings.push(late ? { check, state: 'warn', found, fix } : { check, state: 'ok', found });
    if (failed.count > 0) {
      const count = `${grouped(failed.count)} records could not be judged`;
      const said = `${count}, leaf ${failed.last?.index} last: ${plain(failed.last?.reason ?? '')}`;
      findings.push({ check: 'rules', state: 'warn', found: said, fix: logged });
    }
    const [first] = refused;
    if (first !== undefined) {
      const why = plain(`${first.file}: ${first.reason}`);
      const said = `${refused.length} files are not used, ${why}`;
      const lint = 'npx --no vitrine rules lint';
      findings.push({ check: 'rules', state: 'warn', found: said, fix: lint });
    }
    return findings;
  } catch (error) {
    const fix = 'npx --no vitrine rules list';
    return [{ check, state: 'warn', found: sentenceOf(error), fix }];
  }
}
