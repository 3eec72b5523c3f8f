/**
 * Lines of the mitmproxy addon in, the events of our own egress proxy out. The addon has seen the
 * secrets and sends fingerprints; what is a function, and what may be shown, is decided here.
 */
import { EGRESS_NAMES_MAX } from '@vitrine/schema';
import {
  type Adapter,
  type AdapterCounts,
  type AdapterSettings,
  newCounts,
  Unreadable,
} from '../adapter/adapter.ts';
import type { StreamShim } from '../adapter/main.ts';
import { type Credential, ranked } from '../egress/credential.ts';
import { credentialMembers, fitted, functionMembers, type Members } from '../egress/heard.ts';
import type { ShimEvent } from '../send/event.ts';
import { Line } from './line.ts';

const UNREADABLE = 'this is no line of the mitmproxy addon';
const UNKEYED = 'no fingerprint key: credentials are seen and cannot be told apart';
const SHOWN_CHARS_MAX = 256;

export class MitmproxyAdapter implements Adapter {
  readonly #settings: AdapterSettings;
  readonly #provisioned: ReadonlySet<unknown>;
  readonly #unreadable: Unreadable;
  readonly #counts: AdapterCounts = newCounts();
  #started = false;
  /** Of mitmproxy and its Python, when it has said hello: `versions.<name>`. */
  readonly versions: Record<string, string> = {};
  /** The addon has ended in order. */
  saidBye = false;

  constructor(settings: AdapterSettings) {
    this.#settings = settings;
    const { provisioned } = settings.given;
    this.#provisioned = new Set(Array.isArray(provisioned) ? provisioned : []);
    this.#unreadable = new Unreadable(settings, this.#counts);
  }

  get started(): boolean {
    return this.#started;
  }

  get counts(): Readonly<AdapterCounts> {
    return this.#counts;
  }

  read(frame: Buffer): ShimEvent[] {
    this.#counts.frames++;
    const line = Line.of(frame);
    const events = line === undefined ? undefined : this.#events(line);
    if (events === undefined) return this.#unreadable.take(UNREADABLE, frame.toString('latin1'));
    this.#counts.events += events.length;
    return events;
  }

  /** `undefined` for a kind that nobody knows. */
  #events(line: Line): ShimEvent[] | undefined {
    const kind = line.text('kind');
    if (kind === 'hello') return this.#hello(line);
    if (kind === 'bye') {
      this.saidBye = true;
      return [];
    }
    if (kind === 'trouble') return this.#trouble(line);
    const name = EVENTS.get(kind);
    if (name === undefined) return undefined;
    const members = { ...place(line), ...flow(line) };
    const about = kind === 'request' ? this.#request(line) : ABOUT.get(kind)!(line);
    return [this.#event(name, line, this.#shown({ ...members, ...about }))];
  }

  #hello(line: Line): ShimEvent[] {
    this.#started = true;
    for (const name of ['mitmproxy', 'python']) {
      this.versions[`versions.${name}`] = line.text(name).slice(0, SHOWN_CHARS_MAX);
    }
    if (line.flag('keyed')) return [];
    return [this.#event('telemetry.drop', line, { reason: UNKEYED, count: 0 })];
  }

  #trouble(line: Line): ShimEvent[] {
    this.#counts.dropped += line.count('count') ?? 0;
    return [];
  }

  #request(line: Line): Members {
    const [host, method, path] = [hostOf(line), line.text('method'), line.text('path')];
    const members: Members = {
      'http.method': method,
      'http.path': path,
      ...functionMembers(host, method, path),
      ...this.#credentials(line),
      ...brought(line),
      ...answer(line),
    };
    const lists: [string, string[]][] = [
      ['http.query_keys', [...new Set(line.texts('query_keys'))]],
      ['http.fetch', line.texts('fetch')],
      ['http.fetch_hosts', line.texts('fetch_hosts')],
      ['http.flagged_headers', line.pairs('flagged').map(([name, value]) => `${name}: ${value}`)],
    ];
    for (const [name, list] of lists) {
      if (list.length > 0) members[name] = list.slice(0, EGRESS_NAMES_MAX);
    }
    const unread = line.text('unread');
    return { ...members, ...(unread === '' ? {} : { 'http.body_unread': unread }) };
  }

  #credentials(line: Line): Members {
    const found: Credential[] = [];
    let unkeyed = 0;
    for (const each of line.objects('credentials')) {
      const fp = each.fingerprint('fp');
      if (fp === undefined) unkeyed++;
      else {
        const provisioned = this.#provisioned.has(fp);
        found.push({ where: each.text('where'), scheme: each.text('scheme'), fp, provisioned });
      }
    }
    const known = ranked(found);
    known.omitted += line.count('credentials_omitted') ?? 0;
    return {
      ...credentialMembers(known),
      ...(unkeyed > 0 ? { 'http.credentials_unkeyed': unkeyed } : {}),
    };
  }

  #event(kind: string, line: Line, attributes: Members): ShimEvent {
    return { kind, t: line.time('t') ?? this.#settings.now(), attributes };
  }

  /** Secrets are in paths and names too, of those that are known by their form. */
  #shown(members: Members): Members {
    const { scrubber } = this.#settings;
    const shown = Object.entries(members).map(([name, value]): [string, Members[string]] => {
      if (typeof value === 'string') return [name, scrubber.text(value)];
      const texts = Array.isArray(value) && value.every((each) => typeof each === 'string');
      return [name, texts ? value.map((each) => scrubber.text(String(each))) : value];
    });
    return fitted(Object.fromEntries(shown));
  }
}

/** `egress.response` adds to a request that has been told of. */
const EVENTS = new Map([
  ['request', 'egress.request'],
  ['response', 'egress.response'],
  ['tunnel', 'egress.tunnel'],
  ['stream', 'egress.tunnel'],
  ['error', 'egress.error'],
]);

const ABOUT = new Map<string, (line: Line) => Members>([
  ['response', (line) => ({ ...method(line), ...answer(line), ...socket(line) })],
  ['tunnel', method],
  ['stream', stream],
  ['error', (line) => ({ ...method(line), ...answer(line), reason: line.text('reason') })],
]);

function place(line: Line): Members {
  const [host, sni, claimed] = [hostOf(line), line.text('sni'), line.text('host_header')];
  return {
    'net.dst_host': host,
    'net.dst_port': line.port('port') ?? 0,
    'http.host': host,
    ...said('http.sni', sni),
    ...said('http.host_header', claimed),
    ...said('net.dst_ip', line.text('dst_ip')),
    ...number('net.src_port', line.port('client_port')),
    ...said('http.scheme', line.text('scheme')),
    ...said('http.version', line.text('version')),
  };
}

/** The addon has it so already; a name has many spellings, and rules know one. */
function hostOf(line: Line): string {
  return line.text('host').toLowerCase().replace(/\.+$/, '');
}

/** `http.flow` joins what is told of one request. */
function flow(line: Line): Members {
  const again: Members = line.flag('again') ? { 'source.again': true } : {};
  return { ...said('http.flow', line.text('flow').slice(0, SHOWN_CHARS_MAX)), ...again };
}

/** Tokens in what tools gave back, as this request tells its model: by fingerprint. */
function brought(line: Line): Members {
  const prints = line.fingerprints('brought').slice(0, EGRESS_NAMES_MAX);
  return prints.length === 0 ? {} : { 'content.trust': 'tool', 'content.auth_fps': prints };
}

function method(line: Line): Members {
  return said('http.method', line.text('method'));
}

function answer(line: Line): Members {
  return {
    ...number('http.status', line.count('status')),
    ...number('http.req_bytes', line.count('req_bytes')),
    ...number('http.resp_bytes', line.count('resp_bytes')),
    ...said('http.error', line.text('error')),
  };
}

function socket(line: Line): Members {
  if (!line.flag('websocket')) return {};
  return {
    'http.websocket': true,
    ...number('http.messages', line.count('messages')),
    ...number('http.close_code', line.count('close_code')),
  };
}

/** A connection of which the proxy sees bytes and no requests. */
function stream(line: Line): Members {
  return {
    'tunnel.phase': line.text('phase') === 'close' ? 'close' : 'open',
    'tunnel.intercepted': line.text('tls') === 'open',
    'tunnel.tls': line.text('tls'),
    ...(line.flag('uncounted')
      ? { 'tunnel.uncounted': true }
      : {
          ...number('net.bytes_out', line.count('out')),
          ...number('net.bytes_in', line.count('in')),
        }),
  };
}

function said(name: string, value: string): Members {
  return value === '' ? {} : { [name]: value };
}

function number(name: string, value: number | undefined): Members {
  return value === undefined ? {} : { [name]: value };
}

export const mitmproxyShim: StreamShim = {
  name: 'mitmproxy',
  framing: 'lines',
  adapter: (settings) => new MitmproxyAdapter(settings),
};
