/** The command lines that do the same without this page. Pure text: `apps/cli` has the commands. */
import type { EventItem } from '@vitrine/schema/api';

const VITRINE = 'npx --no vitrine';

/** The file the API offers: the name with everything replaced that is no plain file name. */
export function bundleFile(name: string): string {
  return `${name.replace(/[^A-Za-z0-9._-]/g, '_')}.vitrine.json`;
}

export function eventFile({ log, index }: Pick<EventItem, 'log' | 'index'>): string {
  return bundleFile(`${log}-${index}`);
}

export function exportEvent(item: Pick<EventItem, 'log' | 'index'>): string {
  const leaf = word(`${item.log}/${item.index}`);
  return `${VITRINE} export --event ${leaf} -o ${word(eventFile(item))}`;
}

export function exportSession(session: string): string {
  return `${VITRINE} export --session ${word(session)} -o ${word(bundleFile(session))}`;
}

/** With the auditor's own trust file, which never comes with the evidence. */
export function verifyFile(file: string): string {
  return `${VITRINE} verify ${word(file)} --trust trust.txt`;
}

/** To be run on the machine of the log, and its output carried by another way. */
export const SAVE_TRUST = `${VITRINE} trust > trust.txt`;
export const SHOW_TRUST = `${VITRINE} trust`;

/** One word of a POSIX shell: names come from outside, and lines are copied. */
function word(text: string): string {
  const plain = /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) && !text.startsWith('-');
  return plain ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
