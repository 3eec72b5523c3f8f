/** The tags of a rule, taken apart: ATT&CK by number and name, everything else by namespace. */

export interface TacticOrTechnique {
  /** Of ATT&CK, e.g. `exfiltration`. */
  tactic?: string;
  /** `T1567` */
  technique?: string;
  /** `T1567.002` */
  sub?: string;
}

export interface Tags {
  attacks: TacticOrTechnique[];
  /** By namespace, e.g. `ase.risk`, `atlas`. */
  others: Record<string, string[]>;
}

const TECHNIQUE = /^attack\.(t\d{4})(\.\d{3})?$/;
const TACTIC = /^attack\.([a-z_-]+)$/;

export function attackOf(tags: string[]): Tags {
  const attacks: TacticOrTechnique[] = [];
  const others = new Map<string, string[]>();
  for (const tag of tags) {
    const [, number, sub] = TECHNIQUE.exec(tag) ?? [];
    const [, tactic] = TACTIC.exec(tag) ?? [];
    if (number !== undefined) {
      const technique = number.toUpperCase();
      attacks.push(sub === undefined ? { technique } : { technique, sub: `${technique}${sub}` });
    } else if (tactic !== undefined) attacks.push({ tactic });
    else {
      const at = tag.startsWith('ase.risk.') ? 'ase.risk'.length : tag.indexOf('.');
      const name = at < 1 ? 'tag' : tag.slice(0, at);
      others.set(name, [...(others.get(name) ?? []), at < 1 ? tag : tag.slice(at + 1)]);
    }
  }
  return { attacks, others: Object.fromEntries(others) };
}
