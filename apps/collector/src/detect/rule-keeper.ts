/**
 * The rule set that runs, and how it changes while it does: as a whole or not at all. A start takes
 * what can be taken; a change with a file that is refused leaves the set that runs as it is. Each
 * change is told to the log, with what it was and who asked.
 */
import { readFileSync } from 'node:fs';
import type { RuleFile } from '@vitrine/detect';
import { isObject, type JsonObject, RULES_RELOAD_MS_MAX } from '@vitrine/schema';
import type { RefusedRule, RuleChange, RuleListing } from '@vitrine/schema/api';
import { CollectorError } from '../error.ts';
import { replaceFile } from '../files.ts';
import { changeFields, changeOf, hashesOf, type RuleHashes } from './rule-set.ts';
import { type RuleFolders, readRules } from './rules.ts';
import type { WorkerReply, WorkerRequest } from './worker.ts';

type Rules = { hash: string; rules: RuleHashes };
type RulesReply = WorkerReply & { type: 'rules' };

/** Who or what asked for a set: the start, a folder that changed, or somebody with a token. */
export type RuleCause =
  | { cause: 'start' | 'folder' }
  | { cause: 'request'; by: { token: string; role: string } };

export interface RuleKeeperOptions {
  folders: RuleFolders;
  /** Remembers the set from one start to the next. */
  path: string;
  send: (request: WorkerRequest) => void;
  /** A set runs: what the log should say about it; resolves when that is durable. */
  onRules: (fields: JsonObject) => Promise<void>;
  print: (line: string) => void;
}

interface Asked {
  id: number;
  files: RuleFile[];
  /** What could not even be read. */
  unread: RefusedRule[];
  strict: boolean;
  why: RuleCause;
  resolve: (change: RuleChange) => void;
  reject: (error: unknown) => void;
}

export class RuleKeeper {
  readonly #options: RuleKeeperOptions;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;
  #files: RuleFile[] = [];
  #loaded: RuleListing[] = [];
  #refused: RefusedRule[] = [];
  /** What runs, or what ran before the start. */
  #current: Rules | undefined;
  #runs = false;

  constructor(options: RuleKeeperOptions) {
    this.#options = options;
    this.#current = readKept(options.path);
  }

  get status(): { hash: string | null; rules: RuleListing[]; refused: RefusedRule[] } {
    const hash = this.#runs ? (this.#current?.hash ?? null) : null;
    return { hash, rules: this.#loaded, refused: this.#refused };
  }

  /** The text of a rule that runs. */
  textOf(id: string): string | undefined {
    const listed = this.#loaded.find((rule) => rule.id === id);
    return this.#files.find(({ name }) => name === listed?.file)?.text;
  }

  /** Loads what can be loaded; never rejects. */
  async start(): Promise<void> {
    await this.#ask({ cause: 'start' }, false).catch((error: unknown) => {
      this.#options.print(`detect: rules: ${String(error)}`);
    });
  }

  /**
   * Takes the files as they are now, all or none. Throws RULES_REFUSED with the first reason, and
   * DETECTION_STALLED when the thread does not come to it; it may take the set later then.
   */
  reload(why: RuleCause): Promise<RuleChange> {
    return this.#ask(why, true);
  }

  /** A thread that knows nothing: it gets the set that runs, and what was asked of the last one. */
  resend(): void {
    this.#options.send({ type: 'rules', id: 0, files: this.#files, strict: false });
    for (const { id, files, strict } of this.#asked.values()) {
      this.#options.send({ type: 'rules', id, files, strict });
    }
  }

  take(reply: RulesReply): void {
    const asked = this.#asked.get(reply.id);
    if (asked === undefined) return;
    this.#asked.delete(reply.id);
    const refused = [...asked.unread, ...reply.refused];
    this.#refuse(refused);
    if (reply.applied) this.#applied(asked, reply).then(asked.resolve, asked.reject);
    else asked.reject(refusal(refused));
  }

  #refuse(refused: RefusedRule[]): void {
    this.#refused = refused;
    for (const { file, reason } of refused) {
      this.#options.print(`detect: ${file} is not used: ${reason}`);
    }
  }

  async #ask(why: RuleCause, strict: boolean): Promise<RuleChange> {
    const { files, unread } = readRules(this.#options.folders);
    if (strict && unread.length > 0) {
      this.#refuse(unread);
      throw refusal(unread);
    }
    const change = changeOf(this.#current, files);
    // What was asked before may still take effect: this has to come after it.
    const isSettled = this.#runs && this.#asked.size === 0;
    if (isSettled && change.hash === this.#current?.hash) {
      this.#refused = [];
      return change;
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(stalled()), RULES_RELOAD_MS_MAX).unref();
      const done =
        <T>(end: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          end(value);
        };
      const ends = { resolve: done(resolve), reject: done(reject) };
      this.#asked.set(id, { id, files, unread, strict, why, ...ends });
      this.#options.send({ type: 'rules', id, files, strict });
    });
  }

  async #applied({ files, why }: Asked, { loaded, used }: RulesReply): Promise<RuleChange> {
    const names = new Set(used);
    this.#files = files.filter(({ name }) => names.has(name));
    this.#loaded = loaded;
    const change = changeOf(this.#current, this.#files);
    // Files that do not run may come and go: the set is the same.
    const isSame = this.#runs && change.hash === this.#current?.hash;
    this.#runs = true;
    this.#current = { hash: change.hash, rules: hashesOf(this.#files) };
    if (isSame) return change;
    await this.#options.onRules({ ...changeFields(change), ...why });
    this.#keep();
    return change;
  }

  /** The next start names what changed since; without the file it names every rule. */
  #keep(): void {
    try {
      replaceFile(this.#options.path, `${JSON.stringify(this.#current)}\n`);
    } catch (error) {
      this.#options.print(`detect: the rule set is not remembered: ${String(error)}`);
    }
  }
}

function refusal(refused: RefusedRule[]): CollectorError {
  const [first] = refused;
  const more = refused.length > 1 ? `, and ${refused.length - 1} more` : '';
  const why = `${first?.file}: ${first?.code}: ${first?.reason}${more}`;
  const message = `${why}; the rules stay as they were`;
  const hint = 'npx --no vitrine rules lint names every fault';
  return new CollectorError('RULES_REFUSED', message, hint);
}

function stalled(): CollectorError {
  const message = `detection has not taken the rules within ${RULES_RELOAD_MS_MAX / 1_000} s`;
  const hint = 'it takes them when it comes to them; npx --no vitrine doctor says what it does';
  return new CollectorError('DETECTION_STALLED', message, hint);
}

/** What ran last; undefined where nothing did, or the file says nothing of use. */
function readKept(path: string): Rules | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isObject(kept) || typeof kept.hash !== 'string' || !isObject(kept.rules)) return undefined;
    const rules = Object.entries(kept.rules).filter(([, hash]) => typeof hash === 'string');
    return { hash: kept.hash, rules: Object.fromEntries(rules) as RuleHashes };
  } catch {
    return undefined;
  }
}
