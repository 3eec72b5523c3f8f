/** The tables of docs/reference/normalise.md, made from the code that normalises. */
import { CEF_LABELS } from '../../packages/schema/src/normalise/cef.ts';
import { DIALECTS, normalise } from '../../packages/schema/src/normalise/index.ts';
import {
  ALERT,
  KINDS,
  type Kind,
  OCSF_CLASSES,
  OCSF_OTHER,
  SUPERVISED,
  UNKNOWN,
} from '../../packages/schema/src/normalise/kinds.ts';
import { LEEF_KEYS } from '../../packages/schema/src/normalise/leef.ts';
import { CEF_KEYS, type LineKey } from '../../packages/schema/src/normalise/line-facts.ts';
import { sampleEntries } from '../../packages/schema/src/normalise/samples.fixture.ts';
import { SEVERITIES } from '../../packages/schema/src/normalise/severity.ts';

export function dialectsText(): string {
  return [
    '### Kinds\n',
    kindsTable({ 'an alert': ALERT, ...code(KINDS), 'any other': UNKNOWN }),
    '\nIn the sequencer’s own chains, and nowhere else:\n',
    kindsTable(code(SUPERVISED)),
    '\n### Severities\n',
    severityTable(),
    '\n### Keys of CEF and LEEF\n',
    keyTable(),
    '\n### An alert\n',
    samples('alert'),
    '\n### An event\n',
    samples('file.delete'),
  ].join('\n');
}

function code(kinds: Record<string, Kind>): Record<string, Kind> {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [`\`${name}\``, kind]));
}

function kindsTable(kinds: Record<string, Kind>): string {
  const rows = Object.entries(kinds).map(([name, { ocsf, ecs }]) => {
    const { uid, name: title } = OCSF_CLASSES[ocsf.class];
    const { activity } = ocsf;
    const shown = typeof activity === 'number' ? String(activity) : `${OCSF_OTHER} ${activity}`;
    const act = typeof activity === 'string' && activity.startsWith('by ') ? activity : shown;
    return `| ${name} | ${uid} ${title} | ${act} | ${words(ecs.category)} | ${words(ecs.type)} |`;
  });
  const head = '| kind | OCSF class | activity | ECS `event.category` | `event.type` |';
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function words(list: string[]): string {
  return list.join(', ');
}

function severityTable(): string {
  const rows = Object.entries(SEVERITIES).map(([name, { ocsf, ecs, line, syslog }]) => {
    return `| ${name} | ${ocsf} | ${ecs} | ${line} | ${syslog} |`;
  });
  const head = '| ours | OCSF `severity_id` | ECS `event.severity` | CEF, LEEF `sev` | syslog |';
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function keyTable(): string {
  const labels: Record<string, string> = CEF_LABELS;
  const rows = Object.entries(CEF_KEYS).map(([key, chars]) => {
    const limit = chars === 0 ? 'a number' : String(chars);
    const leef = LEEF_KEYS[key as LineKey];
    return `| \`${key}\` | ${labels[key] ?? ''} | ${limit} | \`${leef}\` |`;
  });
  return ['| CEF | its label | its characters | LEEF |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function samples(name: string): string {
  const entry = sampleEntries()[name]!;
  return DIALECTS.map((dialect) => {
    const made = normalise(entry, dialect);
    const text = typeof made === 'string' ? made : JSON.stringify(made, null, 1);
    return `\`\`\`${typeof made === 'string' ? 'text' : 'json'}\n${text}\n\`\`\`\n`;
  })
    .join('\n')
    .trimEnd();
}
