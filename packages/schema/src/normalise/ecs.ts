/**
 * Records and alerts as documents of the Elastic Common Schema 9.4. Members that it has no field
 * for are kept under `vitrine`, its own name space; `vitrine.record` holds what no field took.
 */
import type { Json, JsonObject } from '../json.ts';
import { evidenceOf, seenBy } from './alert-facts.ts';
import { isAlert, type LogEntry, msOf, severityOf, subjectOf } from './entry.ts';
import { baseName, type Facts, filled, some } from './facts.ts';
import { fitted } from './fit.ts';
import { hostFacts } from './host.ts';
import { kindOf } from './kinds.ts';
import { idOf, placeOf } from './place.ts';
import { PRODUCT } from './product.ts';
import { SEVERITIES } from './severity.ts';
import { attackOf } from './tags.ts';
import { outcomeOf, verdictOf } from './verdict.ts';

export const ECS_VERSION = '9.4.0';

/** Nested, as Elasticsearch takes it: `event.kind` is member `kind` of `event`. */
export function ecsDocument(entry: LogEntry): JsonObject {
  return fitted(entry, (facts) => {
    const alert = isAlert(entry);
    const seen = alert ? seenBy(facts) : facts;
    const document = {
      '@timestamp': timeOf(entry.t),
      ecs: { version: ECS_VERSION },
      message: (alert ? facts.text('what') : undefined) ?? facts.short(entry.title, 'title'),
      event: eventOf(facts, seen),
      ...hostBlocks(facts),
      ...activityOf(seen),
      ...agentOf(seen),
      ...(alert ? ruleOf(facts) : {}),
      ...relatedOf(seen, hostFacts(facts).name),
    };
    const own = { ...placeOf(facts), subject: subjectOf(entry), ...(alert ? alertOf(facts) : {}) };
    return (rest) => {
      const cut = facts.cutNames;
      return filled({ ...document, vitrine: filled({ ...own, cut, record: rest }) });
    };
  });
}

function timeOf(ns: string): string {
  return new Date(msOf(ns)).toISOString();
}

function eventOf(facts: Facts, seen: Facts): JsonObject {
  const { entry } = facts;
  const { category, type } = kindOf(entry).ecs;
  const verdict = verdictOf(seen);
  const { ok, reason } = outcomeOf(seen);
  const observed = msOf(entry.observed);
  const rule = facts.text('decision.rule');
  const ms = facts.firstCount('tool.duration_ms', 'request.duration_ms', 'hook.duration_ms');
  const outcomes: Record<string, string> = { true: 'success', false: 'failure' };
  return filled({
    id: idOf(facts),
    kind: isAlert(entry) ? 'alert' : 'event',
    category,
    type: verdict === undefined ? type : [...new Set([...type, verdict])],
    action: facts.short(seen.entry.kind, 'kind'),
    outcome: outcomes[String(ok)] ?? 'unknown',
    reason: reason ?? rule,
    severity: SEVERITIES[severityOf(entry)].ecs,
    module: 'vitrine',
    dataset: isAlert(entry) ? 'vitrine.alert' : 'vitrine.event',
    provider: facts.text('source.service') ?? facts.short(entry.shim, 'shim'),
    code: facts.text('source.event'),
    sequence: entry.index,
    created: observed === 0 ? undefined : timeOf(entry.observed),
    duration: ms === undefined ? undefined : ms * 1_000_000,
    url: facts.short(entry.link, 'link'),
  });
}

function hostBlocks(facts: Facts): Record<string, Json | undefined> {
  const { sandbox, tenant } = facts.entry;
  const { name, id, ip, os, edrDevice } = hostFacts(facts);
  return {
    host: filled({
      name,
      hostname: name,
      id: id ?? edrDevice,
      ip: ip === undefined ? [] : [ip],
      os: some({ full: os }),
    }),
    container: sandbox === '' ? undefined : { id: facts.short(sandbox, 'sandbox') },
    observer: { vendor: PRODUCT.vendor, product: PRODUCT.name, version: PRODUCT.version },
    organization: filled({ id: facts.text('org.id') ?? tenant }),
  };
}

/** Processes, files, sockets and requests. */
function activityOf(facts: Facts): Record<string, Json | undefined> {
  const exe = facts.text('process.exe');
  const argv = facts.texts('process.argv');
  const ppid = facts.count('process.ppid');
  const path = facts.firstText('file.path', 'memory.path');
  const sha256 = facts.text('file.sha256');
  const http = httpOf(facts);
  return {
    process: filled({
      pid: facts.count('process.pid'),
      entity_id: facts.text('process.exec_id'),
      executable: exe,
      name: exe === undefined ? undefined : baseName(exe),
      args: argv,
      command_line: argv.length === 0 ? undefined : facts.short(argv.join(' '), 'process.argv'),
      working_directory: facts.text('process.cwd'),
      exit_code: facts.count('process.exit_code'),
      parent: ppid === undefined ? undefined : { pid: ppid },
      user: some({ id: facts.text('process.uid') }),
    }),
    file: filled({
      path,
      name: path === undefined ? undefined : baseName(path),
      target_path: facts.text('file.target_path'),
      mode: facts.text('file.mode'),
      hash: sha256 === undefined ? undefined : { sha256 },
    }),
    source: filled({
      ip: facts.address('net.src_ip'),
      port: facts.port('net.src_port'),
      bytes: facts.count('net.bytes_out'),
    }),
    destination: filled({
      domain: facts.firstText('net.dst_host', 'http.host'),
      ip: facts.address('net.dst_ip'),
      port: facts.port('net.dst_port'),
      bytes: facts.count('net.bytes_in'),
    }),
    network: filled({ transport: facts.text('net.proto') }),
    dns: filled({
      question: filled({ name: facts.text('dns.name'), type: facts.text('dns.type') }),
    }),
    ...http,
  };
}

function httpOf(facts: Facts): Record<string, Json | undefined> {
  const sent = facts.count('http.req_bytes');
  const received = facts.count('http.resp_bytes');
  const path = facts.text('http.path');
  const sni = facts.text('http.sni');
  const url = { path, domain: facts.text('http.host'), scheme: facts.text('http.scheme') };
  return {
    http: filled({
      version: facts.text('http.version'),
      request: filled({
        method: facts.text('http.method'),
        body: sent === undefined ? undefined : { bytes: sent },
      }),
      response: filled({
        status_code: facts.count('http.status'),
        body: received === undefined ? undefined : { bytes: received },
      }),
    }),
    url: path === undefined ? undefined : filled(url),
    tls: sni === undefined ? undefined : { client: { server_name: sni } },
  };
}

function agentOf(facts: Facts): Record<string, Json | undefined> {
  const email = facts.text('user.email');
  return {
    user: filled({
      id: facts.firstText('user.id', 'user.account'),
      email,
      name: facts.text('user.name'),
    }),
    trace: some({ id: facts.text('trace.id') }),
    span: some({ id: facts.text('span.id') }),
    gen_ai: filled({
      agent: filled({ id: facts.text('agent.id'), name: facts.text('agent.product') }),
      system: facts.text('agent.provider'),
      request: some({ model: facts.text('agent.model') }),
      tool: filled({
        name: facts.text('tool.name'),
        call: some({ id: facts.text('tool.use_id') }),
      }),
      usage: filled({
        input_tokens: facts.count('usage.input_tokens'),
        output_tokens: facts.count('usage.output_tokens'),
      }),
    }),
  };
}

function ruleOf(facts: Facts): Record<string, Json | undefined> {
  const { attacks, others } = attackOf(facts.texts('tags'));
  const id = facts.text('rule');
  const techniques = attacks.flatMap(({ technique }) => technique ?? []);
  const subs = attacks.flatMap(({ sub }) => sub ?? []);
  const tactics = attacks.flatMap(({ tactic }) => tactic ?? []);
  return {
    rule: filled({ id, name: facts.text('title'), description: facts.text('todo') }),
    threat:
      attacks.length === 0
        ? undefined
        : filled({
            framework: 'MITRE ATT&CK',
            tactic: filled({ name: tactics }),
            technique: filled({ id: [...new Set(techniques)], subtechnique: filled({ id: subs }) }),
          }),
    tags: Object.entries(others).flatMap(([name, values]) => values.map((v) => `${name}.${v}`)),
  };
}

function alertOf(facts: Facts): Record<string, Json | undefined> {
  return { evidence: evidenceOf(facts) };
}

/** Everything that analysts pivot on, once more in one place. */
function relatedOf(facts: Facts, host: string | undefined): Record<string, Json | undefined> {
  const hosts = [host, facts.text('net.dst_host'), facts.text('http.host')];
  const ips = [facts.address('net.src_ip'), facts.address('net.dst_ip')];
  const texts = (list: (Json | undefined)[]) =>
    [...new Set(list.filter((value) => typeof value === 'string' && value !== ''))] as string[];
  return {
    related: filled({
      hosts: texts(hosts),
      ip: texts(ips),
      user: texts([facts.text('user.id'), facts.text('user.email')]),
    }),
  };
}
