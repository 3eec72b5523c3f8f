/**
 * Sandboxes that nobody registers by the API: those the settings name, and those a runtime puts
 * into a directory, a registration `NAME.json` beside the socket `NAME.sock` or `NAME/opp.sock`. A
 * registration is believed because only the collector's user or root could have written it.
 */
import {
  closeSync,
  constants,
  type FSWatcher,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  watch,
} from 'node:fs';
import { join } from 'node:path';
import {
  API_BODY_BYTES_MAX,
  isObject,
  type Json,
  SANDBOX_CHECK_MS,
  SANDBOX_GONE_MS,
} from '@vitrine/schema';
import { CollectorError } from '../error.ts';
import { type SandboxRequest, sandboxRequest } from './registration.ts';

/** What discovery asks of the fleet. */
export interface Registrar {
  /** Under this very session, which the relay has been told already. */
  register(request: SandboxRequest, origin: string): Promise<string>;
  end(session: string): Promise<boolean>;
  /** Open sandboxes by what they were found by. */
  found(): Map<string, { session: string; socket: string | undefined }>;
}

export interface DiscoveryOptions {
  fleet: Registrar;
  directory: string | undefined;
  /** Those of the settings; each has a session. */
  configured: SandboxRequest[];
  log: (line: string) => void;
  /** Unix milliseconds. */
  nowMs?: () => number;
}

const SUFFIX = '.json';
const [FROM_DIRECTORY, FROM_SETTINGS] = ['directory:', 'settings:'];
const ROOT_UID = 0;
/** Others of the machine may not read the MAC key, nor write a registration. */
const NOT_OTHERS = 0o077;
const NO_WRITE_OF_OTHERS = 0o022;

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #scanning: Promise<void> | undefined;
  #again = false;
  /** By session: since when its socket is not there. */
  readonly #goneMs = new Map<string, number>();
  /** What was said of an entry, so that it is said once. */
  readonly #said = new Map<string, string>();
  readonly #ending = new Set<string>();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => Date.now());
  }

  /**
   * Registers what the settings name, ends what they name no more, and begins to watch. Throws
   * CONFIG_INVALID for a directory that others may write in.
   */
  async start(): Promise<void> {
    await this.#settle();
    const { directory } = this.#options;
    if (directory === undefined) return;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    assertOwn(directory);
    this.#watcher = watch(directory, () => void this.scan());
    this.#watcher.on('error', (error) => this.#say('watch', String(error)));
    // What a watcher misses, and sockets in folders of their own, are found by looking.
    this.#timer = setInterval(() => void this.scan(), SANDBOX_CHECK_MS);
    await this.scan();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#scanning;
  }

  /** One look at the directory; whoever asks meanwhile gets another one. */
  async scan(): Promise<void> {
    this.#again = true;
    this.#scanning ??= this.#scanAll().finally(() => {
      this.#scanning = undefined;
    });
    await this.#scanning;
  }

  async #scanAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const names = this.#names();
      if (names === undefined) return;
      for (const name of names) await this.#look(name);
      this.#endGone(new Set(names));
    }
  }

  /** `undefined`: the directory cannot be read, which says nothing about what is in it. */
  #names(): string[] | undefined {
    try {
      return readdirSync(this.#options.directory!)
        .filter((file) => file.endsWith(SUFFIX) && !file.startsWith('.'))
        .map((file) => file.slice(0, -SUFFIX.length));
    } catch (error) {
      this.#say('read', String(error));
      return undefined;
    }
  }

  async #look(name: string): Promise<void> {
    const { fleet, directory } = this.#options;
    const origin = FROM_DIRECTORY + name;
    if (fleet.found().has(origin)) return;
    try {
      const request = registrationIn(directory!, name);
      if (request === undefined) return;
      await fleet.register(request, origin);
      this.#said.delete(name);
    } catch (error) {
      this.#say(name, messageOf(error));
    }
  }

  /** Its registration is gone: the runtime says that it is over. Its socket: after a while. */
  #endGone(names: Set<string>): void {
    for (const [origin, { session, socket }] of this.#options.fleet.found()) {
      if (!origin.startsWith(FROM_DIRECTORY)) continue;
      if (!names.has(origin.slice(FROM_DIRECTORY.length))) this.#end(session);
      else if (socket === undefined || isSocket(socket)) this.#goneMs.delete(session);
      else {
        const since = this.#goneMs.get(session) ?? this.#nowMs();
        this.#goneMs.set(session, since);
        if (this.#nowMs() - since >= SANDBOX_GONE_MS) this.#end(session);
      }
    }
  }

  async #settle(): Promise<void> {
    const { fleet, configured } = this.#options;
    const open = fleet.found();
    const named = new Map(configured.map((request) => [FROM_SETTINGS + request.session, request]));
    for (const [origin, { session }] of open) {
      if (origin.startsWith(FROM_SETTINGS) && !named.has(origin)) this.#end(session);
    }
    for (const [origin, request] of named) {
      if (open.has(origin)) continue;
      await fleet.register(request, origin).catch((error: unknown) => {
        this.#say(origin, messageOf(error));
      });
    }
  }

  #end(session: string): void {
    if (this.#ending.has(session)) return;
    this.#ending.add(session);
    const done = (): void => {
      this.#ending.delete(session);
      this.#goneMs.delete(session);
    };
    this.#options.fleet.end(session).then(done, (error: unknown) => {
      done();
      this.#say(session, messageOf(error));
    });
  }

  #say(about: string, what: string): void {
    if (this.#said.get(about) === what) return;
    this.#said.set(about, what);
    this.#options.log(`pull: ${about}: ${what}`);
  }
}

/** `undefined` while its relay does not listen yet. Throws SANDBOX_INVALID. */
function registrationIn(directory: string, name: string): SandboxRequest | undefined {
  const { relay: given, session = name, ...rest } = readOwn(join(directory, name + SUFFIX));
  if (!isObject(given)) throw new CollectorError('SANDBOX_INVALID', 'relay: it is no object');
  const relay = { ...given };
  if (relay.socket === undefined && relay.url === undefined) {
    const places = [join(directory, `${name}.sock`), join(directory, name, 'opp.sock')];
    relay.socket = places.find(isSocket) ?? places[0]!;
  }
  const request = sandboxRequest({ ...rest, session, relay });
  const { socket } = request.relay;
  return socket === undefined || isSocket(socket) ? request : undefined;
}

/**
 * Who may write in the directory could give a registration another name, which is another session.
 * Throws CONFIG_INVALID.
 */
function assertOwn(directory: string): void {
  const { uid, mode } = statSync(directory);
  if (isOwn(uid) && (mode & NO_WRITE_OF_OTHERS) === 0) return;
  const hint = 'it must belong to the collector’s user or to root, and nobody else may write in it';
  throw new CollectorError(
    'CONFIG_INVALID',
    `pull.directory: ${directory} is open to others`,
    hint,
  );
}

function isOwn(uid: number): boolean {
  return uid === process.getuid?.() || uid === ROOT_UID;
}

/** By the file that is open, so that nobody can exchange it in between. */
function readOwn(path: string): { [member: string]: Json } {
  // A pipe of that name would be waited for, and the collector with it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    const { uid, mode, size } = stat;
    if (!stat.isFile()) throw new CollectorError('SANDBOX_INVALID', 'it is no file');
    if (!isOwn(uid) || (mode & NOT_OTHERS) !== 0) {
      const hint = 'it must belong to the collector’s user or to root, with mode 0600';
      throw new CollectorError('SANDBOX_INVALID', 'others may read or write it', hint);
    }
    if (size > API_BODY_BYTES_MAX) {
      const message = `it has more than ${API_BODY_BYTES_MAX} bytes`;
      throw new CollectorError('SANDBOX_INVALID', message);
    }
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(value)) return value;
    throw new CollectorError('SANDBOX_INVALID', 'it is no JSON object');
  } finally {
    closeSync(file);
  }
}

/** A link to one is none: what lies in a sandbox's folder must not lead out of it. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
