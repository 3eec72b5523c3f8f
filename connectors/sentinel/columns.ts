/**
 * The columns of the table, in one place: `encode` writes these and no others, and the template
 * `table.json` declares exactly these. A column that the rule does not declare vanishes silently.
 */
import { type Json, type JsonObject, readPath } from '@vitrine/schema';
import type { severityOf } from '@vitrine/schema/normalise';

type Severity = ReturnType<typeof severityOf>;

type ColumnType = 'datetime' | 'string' | 'long' | 'boolean' | 'dynamic';

/** One alert as what a column may need of it. */
export interface Row {
  /** The alert as a document of ECS, with its proof under `vitrine`. */
  document: JsonObject;
  severity: Severity;
  /** Steps at which a long alert was trimmed. */
  trimmed: string[];
  test: boolean;
}

interface Column {
  name: string;
  type: ColumnType;
  /** Undefined leaves the column empty. */
  read(row: Row): Json | undefined;
}

/** Sentinel knows four: what is critical is its highest. */
const SEVERITY_WORDS: Record<Severity, string> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
};

/**
 * Names of Sentinel's normalised schemas (ASIM) where those have one. `Title`, `Type`, `TenantId`
 * and `UniqueId` are reserved in every table.
 */
export const COLUMNS: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime', read: at('@timestamp') },
  // Azure Monitor replaces a `TimeGenerated` that is older than two days; this one stays.
  { name: 'EventStartTime', type: 'datetime', read: at('@timestamp') },
  { name: 'AlertId', type: 'string', read: at('event.id') },
  { name: 'AlertName', type: 'string', read: at('rule.name') },
  { name: 'AlertDescription', type: 'string', read: at('message') },
  { name: 'AlertSeverity', type: 'string', read: ({ severity }) => SEVERITY_WORDS[severity] },
  { name: 'OriginalSeverity', type: 'string', read: ({ severity }) => severity },
  { name: 'Remediation', type: 'string', read: at('rule.description') },
  { name: 'RuleId', type: 'string', read: at('rule.id') },
  { name: 'Tactics', type: 'dynamic', read: tactics },
  { name: 'Techniques', type: 'dynamic', read: at('threat.technique.id') },
  { name: 'SubTechniques', type: 'dynamic', read: at('threat.technique.subtechnique.id') },
  { name: 'Tags', type: 'dynamic', read: at('tags') },
  { name: 'SessionId', type: 'string', read: at('vitrine.subject') },
  { name: 'Vantage', type: 'string', read: at('vitrine.vantage') },
  { name: 'DvcHostname', type: 'string', read: at('host.name') },
  { name: 'DvcIpAddr', type: 'string', read: firstOf('host.ip') },
  { name: 'DvcId', type: 'string', read: at('host.id') },
  { name: 'DvcOs', type: 'string', read: at('host.os.full') },
  { name: 'DvcProcessId', type: 'long', read: at('vitrine.host_process.pid') },
  { name: 'DvcProcessName', type: 'string', read: at('vitrine.host_process.exe') },
  { name: 'EdrVendor', type: 'string', read: at('vitrine.edr.vendor') },
  { name: 'EdrDeviceId', type: 'string', read: at('vitrine.edr.device_id') },
  { name: 'EventKind', type: 'string', read: at('event.action') },
  { name: 'EventResult', type: 'string', read: at('event.outcome') },
  { name: 'ActorUserId', type: 'string', read: at('user.id') },
  { name: 'ActorUsername', type: 'string', read: at('user.email') },
  { name: 'ProcessId', type: 'long', read: at('process.pid') },
  { name: 'ProcessName', type: 'string', read: at('process.executable') },
  { name: 'ProcessCommandLine', type: 'string', read: at('process.command_line') },
  { name: 'FilePath', type: 'string', read: at('file.path') },
  { name: 'DstDomain', type: 'string', read: at('destination.domain') },
  { name: 'DstIpAddr', type: 'string', read: at('destination.ip') },
  { name: 'DstPortNumber', type: 'long', read: at('destination.port') },
  { name: 'HttpRequestMethod', type: 'string', read: at('http.request.method') },
  { name: 'UrlPath', type: 'string', read: at('url.path') },
  { name: 'ToolName', type: 'string', read: at('gen_ai.tool.name') },
  { name: 'Log', type: 'string', read: at('vitrine.log') },
  { name: 'LeafIndex', type: 'long', read: at('vitrine.index') },
  { name: 'LeafHash', type: 'string', read: at('vitrine.leaf') },
  { name: 'Evidence', type: 'dynamic', read: at('vitrine.evidence') },
  { name: 'Proof', type: 'string', read: at('vitrine.proof') },
  { name: 'Link', type: 'string', read: at('vitrine.link') },
  { name: 'AdditionalFields', type: 'dynamic', read: at('vitrine.record') },
  { name: 'Trimmed', type: 'dynamic', read: ({ trimmed }) => trimmed },
  { name: 'IsTest', type: 'boolean', read: ({ test }) => (test ? true : undefined) },
];

function at(path: string): Column['read'] {
  return ({ document }) => readPath(document, path);
}

function firstOf(path: string): Column['read'] {
  return ({ document }) => {
    const list = readPath(document, path);
    return Array.isArray(list) ? list[0] : undefined;
  };
}

/** As analytics rules write them: `credential-access` is `CredentialAccess`. */
function tactics({ document }: Row): Json | undefined {
  const names = readPath(document, 'threat.tactic.name');
  if (!Array.isArray(names)) return undefined;
  return names.map((name) => String(name).replace(/(?:^|[-_])([a-z])/g, (_, l) => l.toUpperCase()));
}
