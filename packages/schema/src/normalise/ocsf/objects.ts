/**
 * The objects of OCSF 1.8.0 that events and alerts have in common. Every member is one that the
 * schema knows without a profile, or one whose profile the caller names.
 */
import { type JsonObject, readPath } from '../../json.ts';
import { subjectOf } from '../entry.ts';
import { baseName, type Facts, filled, some } from '../facts.ts';
import { hostFacts } from '../host.ts';

const FILE_UNKNOWN = 0;
const FILE_FOLDER = 2;
const FILE_LINK = 7;
const SHA_256 = 3;
const DEVICE_UNKNOWN = 0;
const EDR_AGENT = 1;
const OS_TYPES: [RegExp, number][] = [
  [/windows/i, 100],
  [/linux|debian|ubuntu|fedora|alpine|red ?hat|suse/i, 200],
  [/macos|darwin/i, 300],
];
const OS_UNKNOWN = 0;

/** The host that runs the sandbox, with the EDR's name for it; profile `container` inside. */
export function deviceOf(facts: Facts): JsonObject {
  const { sandbox } = facts.entry;
  const { name = 'unknown', id, ip, os, edrVendor, edrDevice } = hostFacts(facts);
  const edr = filled({ type_id: EDR_AGENT, uid: edrDevice, vendor_name: edrVendor });
  return filled({
    type_id: DEVICE_UNKNOWN,
    hostname: name,
    uid: edrDevice ?? id,
    uid_alt: edrDevice === undefined ? undefined : id,
    ip,
    os: os === undefined ? undefined : { name: os, type_id: osType(os) },
    agent_list: edrDevice === undefined ? undefined : [edr],
    container: sandbox === '' ? undefined : { uid: facts.short(sandbox, 'sandbox') },
  });
}

function osType(name: string): number {
  return OS_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? OS_UNKNOWN;
}

/** Who did it: always at least the session. */
export function actorOf(facts: Facts, withProcess: boolean): JsonObject {
  return filled({
    process: withProcess ? processOf(facts) : parentOf(facts),
    user: userOf(facts),
    session: { uid: facts.short(subjectOf(facts.entry), 'session') },
    app_name: facts.text('agent.product'),
    app_uid: facts.text('agent.id'),
  });
}

/** Nothing where no process is named. */
export function processOf(facts: Facts): JsonObject | undefined {
  const pid = facts.count('process.pid');
  const uid = facts.text('process.exec_id');
  if (pid === undefined && uid === undefined) return undefined;
  const exe = facts.text('process.exe');
  const argv = facts.texts('process.argv');
  const owner = facts.text('process.uid');
  return filled({
    pid,
    uid,
    name: exe === undefined ? undefined : baseName(exe),
    file: exe === undefined ? undefined : fileAt(exe),
    cmd_line: argv.length === 0 ? undefined : facts.short(argv.join(' '), 'process.argv'),
    working_directory: facts.text('process.cwd'),
    user: owner === undefined ? undefined : { uid: owner },
    parent_process: parentOf(facts),
  });
}

function parentOf(facts: Facts): JsonObject | undefined {
  return some({ pid: facts.count('process.ppid') });
}

export function userOf(facts: Facts): JsonObject | undefined {
  const email = facts.text('user.email');
  const uid = facts.firstText('user.id', 'user.account');
  const name = facts.text('user.name') ?? email;
  if (uid === undefined && name === undefined) return undefined;
  const org = facts.text('org.id');
  return filled({ uid, name, org: org === undefined ? undefined : { uid: org } });
}

export function fileAt(path: string, type = FILE_UNKNOWN): JsonObject {
  return { name: baseName(path), path, type_id: type };
}

/** The file as it was asked for; what the kernel resolved stays under `unmapped`. */
export function fileOf(facts: Facts, path: string): JsonObject {
  const { kind } = facts.entry;
  const sha256 = facts.text('file.sha256');
  const type =
    kind === 'file.symlink' ? FILE_LINK : kind === 'file.mkdir' ? FILE_FOLDER : FILE_UNKNOWN;
  const hashes = sha256 === undefined ? [] : [{ algorithm_id: SHA_256, value: sha256 }];
  return filled({ ...fileAt(path, type), hashes });
}

export function remoteOf(facts: Facts): JsonObject | undefined {
  return some({
    hostname: facts.firstText('net.dst_host', 'http.host'),
    ip: facts.address('net.dst_ip'),
    port: facts.port('net.dst_port'),
    name: facts.text('net.path'),
  });
}

/** The sandbox's end: named by its session where the source gives no address. */
export function localOf(facts: Facts): JsonObject {
  const { sandbox } = facts.entry;
  const name = sandbox === '' ? subjectOf(facts.entry) : sandbox;
  return filled({
    name: facts.short(name, 'sandbox'),
    ip: facts.address('net.src_ip'),
    port: facts.port('net.src_port'),
    svc_name: facts.text('agent.product'),
  });
}

/** `activity_id` of HTTP Activity, and all the values that `http_method` has. */
export const HTTP_METHODS: Record<string, number> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
};

/** Nothing where neither a known method nor a path is told. */
export function requestOf(facts: Facts): JsonObject | undefined {
  const said = readPath(facts.entry.record, 'http.method');
  const known = typeof said === 'string' && Object.hasOwn(HTTP_METHODS, said);
  const method = known ? facts.text('http.method') : undefined;
  const path = facts.text('http.path');
  if (method === undefined && path === undefined) return undefined;
  const hostname = facts.text('http.host');
  const url = { path, hostname, scheme: facts.text('http.scheme') };
  return filled({
    http_method: method,
    url: path === undefined ? undefined : filled(url),
    body_length: facts.count('http.req_bytes'),
    version: facts.text('http.version'),
    uid: facts.text('http.flow'),
  });
}

export function responseOf(facts: Facts): JsonObject | undefined {
  const code = facts.count('http.status');
  if (code === undefined) return undefined;
  return filled({ code, body_length: facts.count('http.resp_bytes') });
}
