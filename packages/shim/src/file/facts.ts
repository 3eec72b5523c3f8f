/**
 * What a rule needs to know of an event on a file beyond what the kernel was asked: the granted
 * directory it lies in, that directory's mode, and whether the call is as good as a delete. Shared
 * by every adapter that sees files. Paths are text as the sandbox sees it; nothing is looked up.
 *
 * `file.mount`, `file.mount_mode`: of `file.real_path`, or of `file.path` where that is unknown.
 * `file.target_mount_mode`: of `file.target_path`, where a rename or a link leads.
 * `file.delete_equivalent`: what the name or the content of a file may be lost by.
 * `file.existed`: whether it was there before, where an earlier event tells.
 */
import { type AttributeValue, FILE_HISTORY_PATHS_MAX, type Grant } from '@vitrine/schema';
import { BoundedMap } from '../adapter/bounded.ts';

type Attributes = Record<string, AttributeValue>;
type Known = 'there' | 'gone';

/** `truncate`: the content; `rename_over`, `replace`: a new file under the old name. */
type DeleteEquivalent = 'truncate' | 'rename_over' | 'rename_away' | 'replace';

export class FileFacts {
  /** Inner directories first. */
  readonly #grants: Grant[];
  /** What earlier events say of a path; the oldest is forgotten first. */
  readonly #history = new BoundedMap<string, Known>(FILE_HISTORY_PATHS_MAX);

  constructor(grants: Grant[]) {
    this.#grants = grants.toSorted((a, b) => b.path.length - a.path.length);
  }

  /** The attributes of an event of kind `file.*` with what is known of its mounts. */
  add(kind: string, attributes: Attributes): Attributes {
    const path = textOf(attributes['file.real_path']) ?? textOf(attributes['file.path']);
    if (path === undefined) return attributes;
    const target = textOf(attributes['file.target_path']);
    const mount = this.#mountOf(path);
    const added: Attributes = { ...attributes };
    if (mount !== undefined) {
      added['file.mount'] = mount.path;
      added['file.mount_mode'] = mount.mode;
    }
    const led = target === undefined ? undefined : this.#mountOf(target);
    if (led !== undefined) added['file.target_mount_mode'] = led.mode;
    const isRename = kind === 'file.rename';
    if (this.#isWatched(mount) || (isRename && this.#isWatched(led))) {
      const changed = isRename ? target : path;
      const before = changed === undefined ? undefined : this.#history.get(changed);
      const loss = isRename
        ? renameLoss(attributes, before, isAway(mount, led))
        : lossOf(kind, attributes, before);
      if (loss !== undefined) added['file.delete_equivalent'] = loss;
      if (loss !== undefined && before !== undefined) added['file.existed'] = before === 'there';
      if (attributes['file.errno'] === undefined) this.#remember(kind, path, target);
    }
    return added;
  }

  /** The granted directory a path lies in. */
  #mountOf(path: string): Grant | undefined {
    return this.#grants.find(({ path: at }) => path === at || path.startsWith(`${at}/`));
  }

  /** Where nothing can be lost, and where nobody asks, nothing is remembered. */
  #isWatched(mount: Grant | undefined): boolean {
    return mount === undefined ? this.#grants.length === 0 : mount.mode !== 'ro';
  }

  #remember(kind: string, path: string, target: string | undefined): void {
    if (kind === 'file.delete' || kind === 'file.rename') this.#history.set(path, 'gone');
    else if (kind !== 'file.mount') this.#history.set(path, 'there');
    if (kind === 'file.rename' && target !== undefined) this.#history.set(target, 'there');
  }
}

/** A create that finds nothing loses nothing; of what is not known the worse is assumed. */
function lossOf(
  kind: string,
  attributes: Attributes,
  before: Known | undefined,
): DeleteEquivalent | undefined {
  if (kind === 'file.truncate') return 'truncate';
  const isMade = kind === 'file.create' || kind === 'file.link' || kind === 'file.symlink';
  if (isMade && before === 'gone') return 'replace';
  if (kind !== 'file.create') return undefined;
  const flags = new Set((textOf(attributes['file.flags']) ?? '').split('|'));
  return flags.has('O_TRUNC') && !flags.has('O_EXCL') ? 'truncate' : undefined;
}

/** Out of its mount, to where its content is not kept as strictly. */
function isAway(from: Grant | undefined, to: Grant | undefined): boolean {
  return from !== undefined && from.mode !== 'ro' && from !== to && to?.mode !== 'rw_no_delete';
}

function renameLoss(
  attributes: Attributes,
  before: Known | undefined,
  away: boolean,
): DeleteEquivalent | undefined {
  if (away) return 'rename_away';
  const flags = (textOf(attributes['file.flags']) ?? '').split('|');
  if (before === 'gone') return 'replace';
  if (!flags.includes('RENAME_NOREPLACE') && !flags.includes('RENAME_EXCHANGE')) {
    return 'rename_over';
  }
  return undefined;
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
