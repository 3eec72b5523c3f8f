/** Tables of settings for the pages of connectors, made from their schemas. */
import { httpSettings } from '../../connectors/kit/config.ts';
import { connectorTypes } from '../../connectors/registry.ts';

interface Setting {
  description?: string | undefined;
  def: { type: string; defaultValue?: unknown };
}

/** Path of each connector's page to its made part. */
export function connectorPages(): Record<string, { name: string; text: string }> {
  const pages = Object.values(connectorTypes).map(({ type, schema }) => {
    const text = settingsText(schema.shape as unknown as Record<string, Setting>);
    return [`connectors/${type}/README.md`, { name: 'settings', text }] as const;
  });
  const common = { name: 'settings', text: settingsText(httpSettings as never) };
  return { 'connectors/README.md': common, ...Object.fromEntries(pages) };
}

/** Own settings first: those of every connector are known. */
function settingsText(shape: Record<string, Setting>): string {
  const isCommon = ([name]: [string, Setting]): boolean => name in httpSettings;
  const all = Object.entries(shape);
  const sorted = [...all.filter((one) => !isCommon(one)), ...all.filter(isCommon)];
  const rows = sorted.map(([name, { description, def }]) => {
    if (description === undefined) throw new Error(`${name} has no .describe()`);
    return `| \`${name}\` | ${presetOf(def)} | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| setting | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function presetOf({ type, defaultValue }: Setting['def']): string {
  if (type === 'default') return `\`${JSON.stringify(defaultValue)}\``;
  return type === 'optional' ? '' : 'required';
}
