/** The tags of a rule (Sigma's `namespace.name`), as the catalogues themselves spell them. */
export interface TagText {
  /** `ATT&CK`, `ATLAS`, `Risk` or the namespace itself. */
  catalogue: string;
  /** `T1567`, `AML.T0086`, `exfiltration`. */
  name: string;
}

const CATALOGUES: Record<string, string> = {
  attack: 'ATT&CK',
  'attack-v18': 'ATT&CK v18',
  atlas: 'ATLAS',
};
const RISK = 'ase.risk.';

/** Each tag once; a technique of ATT&CK v18 only where its id differs from the current one. */
export function tagTexts(tags: string[]): TagText[] {
  const current = new Set(tags.filter((tag) => tag.startsWith('attack.')).map(restOf));
  const wanted = tags.filter((tag) => !(tag.startsWith('attack-v18.') && current.has(restOf(tag))));
  return [...new Set(wanted)].map(tagText);
}

function restOf(tag: string): string {
  return tag.slice(tag.indexOf('.') + 1);
}

function tagText(tag: string): TagText {
  if (tag.startsWith(RISK)) return { catalogue: 'Risk', name: words(tag.slice(RISK.length)) };
  const dot = tag.indexOf('.');
  const namespace = dot < 0 ? '' : tag.slice(0, dot);
  const catalogue = Object.hasOwn(CATALOGUES, namespace) ? CATALOGUES[namespace] : undefined;
  if (catalogue === undefined) return { catalogue: namespace || 'Tag', name: restOf(tag) };
  const name = restOf(tag);
  const isId = /^(aml\.)?(ta|t|s|g|m)\d{4}/.test(name);
  return { catalogue, name: isId ? name.toUpperCase() : words(name) };
}

function words(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}
