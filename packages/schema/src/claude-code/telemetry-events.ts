/**
 * What Claude Code's own telemetry says, event by event (its documentation, "Monitoring"): the
 * kind of each, the members it gives, and which values are content and become parts. Checked
 * against recordings of 2.1.330.
 */
import { count, flag, id, type Reading, words } from './members.ts';
import { ERROR, HOOK, INPUT, PLUGIN, REQUEST, RESULT, TOOL, USAGE } from './readings.ts';

export interface TelemetryEvent {
  kind: string;
  members: readonly Reading[];
  /** Part by attribute. */
  parts?: Readonly<Record<string, string>>;
}

/** By name without its family `claude_code.`; any other becomes `other`. */
export const LOG_EVENTS: ReadonlyMap<string, TelemetryEvent> = new Map(
  Object.entries<TelemetryEvent>({
    user_prompt: {
      kind: 'prompt.submit',
      members: [
        count('prompt.length', 'prompt_length'),
        words('prompt.command', 'command_name'),
        words('prompt.command_source', 'command_source'),
      ],
      parts: { prompt: 'prompt', prompt_text: 'prompt' },
    },
    assistant_response: {
      kind: 'model.response',
      members: [...REQUEST, count('response.length', 'response_length')],
      parts: { response: 'response' },
    },
    tool_result: {
      kind: 'tool.result',
      members: [
        ...TOOL,
        ...RESULT,
        count('tool.input_bytes', 'tool_input_size_bytes'),
        count('tool.output_bytes', 'tool_result_size_bytes'),
        id('decision.value', 'decision_type'),
        id('decision.source', 'decision_source'),
      ],
      parts: { ...INPUT, ...ERROR },
    },
    tool_decision: {
      kind: 'approval.decision',
      members: [...TOOL, id('decision.value', 'decision'), id('decision.source', 'source')],
      parts: INPUT,
    },
    permission_mode_changed: {
      kind: 'approval.mode_change',
      members: [
        id('approval.from', 'from_mode'),
        id('approval.to', 'to_mode'),
        id('approval.trigger', 'trigger'),
      ],
    },
    api_request: {
      kind: 'model.request',
      members: [...REQUEST, ...USAGE, words('agent.name', 'agent.name')],
    },
    api_error: { kind: 'model.error', members: REQUEST, parts: ERROR },
    api_retries_exhausted: {
      kind: 'model.error',
      members: [...REQUEST, count('request.attempt', 'total_attempts')],
      parts: ERROR,
    },
    api_refusal: {
      kind: 'model.refusal',
      members: [...REQUEST, words('request.refusal', 'category')],
    },
    // Beside an api_request, which is what counts as the request.
    api_request_body: { kind: 'other', members: REQUEST, parts: { body: 'request_body' } },
    api_response_body: { kind: 'other', members: REQUEST, parts: { body: 'response_body' } },
    auth: {
      kind: 'identity.auth',
      members: [
        id('auth.action', 'action'),
        flag('auth.success', 'success'),
        id('auth.method', 'auth_method'),
        id('auth.error', 'error_category'),
      ],
    },
    mcp_server_connection: {
      kind: 'mcp.connection',
      members: [
        id('mcp.status', 'status'),
        id('mcp.transport', 'transport_type'),
        id('mcp.scope', 'server_scope'),
        words('mcp.server', 'server_name'),
        count('mcp.duration_ms', 'duration_ms'),
        words('mcp.error_code', 'error_code'),
        ...PLUGIN,
      ],
      parts: ERROR,
    },
    plugin_installed: { kind: 'plugin.change', members: PLUGIN },
    plugin_loaded: {
      kind: 'plugin.change',
      members: [
        ...PLUGIN,
        id('plugin.scope', 'plugin.scope'),
        flag('plugin.has_hooks', 'has_hooks'),
      ],
    },
    skill_activated: {
      kind: 'skill.use',
      members: [
        words('skill.name', 'skill.name'),
        id('skill.trigger', 'invocation_trigger'),
        id('skill.source', 'skill.source'),
        ...PLUGIN,
      ],
    },
    hook_registered: {
      kind: 'config.change',
      members: [...HOOK, ...PLUGIN],
      parts: { hook_matcher: 'hook_matcher' },
    },
    hook_execution_start: {
      kind: 'hook.run',
      members: HOOK,
      parts: { hook_definitions: 'hook_definitions' },
    },
    hook_execution_complete: {
      kind: 'hook.run',
      members: HOOK,
      parts: { hook_definitions: 'hook_definitions' },
    },
    hook_plugin_metrics: {
      kind: 'hook.run',
      members: [...HOOK, words('plugin.name', 'plugin_id')],
    },
    subagent_completed: {
      kind: 'agent.stop',
      members: [
        id('agent.model', 'final_model'),
        id('agent.source', 'agent.source'),
        flag('agent.is_async', 'is_async'),
        count('agent.duration_ms', 'duration_ms'),
        count('agent.tool_uses', 'total_tool_uses'),
        count('usage.total_tokens', 'total_tokens'),
        ...PLUGIN,
      ],
    },
    compaction: {
      kind: 'context.compact',
      members: [
        id('compact.trigger', 'trigger'),
        flag('compact.success', 'success'),
        count('compact.tokens_before', 'pre_tokens'),
        count('compact.tokens_after', 'post_tokens'),
      ],
      parts: ERROR,
    },
    retention_sweep: {
      kind: 'config.change',
      members: [
        id('retention.result', 'result'),
        count('retention.days', 'period_days'),
        count('retention.transcripts_deleted', 'transcripts_deleted'),
        count('retention.sessions_deleted', 'session_files_deleted'),
      ],
    },
    managed_settings_resolved: {
      kind: 'config.change',
      members: [
        id('config.trigger', 'managed_settings.trigger'),
        id('config.behavior', 'managed_settings.source_behavior'),
        id('config.sha256', 'managed_settings.resolved_sha256'),
      ],
      parts: { 'managed_settings.settings': 'settings' },
    },
    at_mention: {
      kind: 'other',
      members: [id('mention.type', 'mention_type'), flag('mention.success', 'success')],
    },
    internal_error: {
      kind: 'other',
      members: [words('error.name', 'error_name'), words('error.code', 'error_code')],
    },
    feedback_survey: { kind: 'other', members: [] },
    // The next two with detailed tracing only.
    system_prompt: {
      kind: 'other',
      members: [
        id('prompt.system_hash', 'system_prompt_hash'),
        count('prompt.length', 'system_prompt_length'),
      ],
      parts: { system_prompt: 'system_prompt' },
    },
    tool: {
      kind: 'tool.list',
      members: [words('tool.name', 'tool_name'), id('tool.def_hash', 'tool_hash')],
      parts: { tool: 'tool_definition' },
    },
    // In no documentation: read in 2.1.330. What its own sandbox, rules or classifier stopped.
    safety_event: {
      kind: 'policy.decision',
      members: [
        ...TOOL,
        id('policy.category', 'category'),
        id('decision.value', 'decision'),
        id('decision.source', 'decision_source'),
        id('decision.reason', 'reason_type'),
        id('decision.rule', 'reason_code'),
        id('policy.rule_source', 'rule_source'),
        id('policy.circuit_breaker', 'circuit_breaker'),
        words('classifier.category', 'classifier_category'),
        count('policy.sandbox_violations', 'sandbox_violation_count'),
        flag('policy.sandbox_enabled', 'sandbox_enabled'),
      ],
    },
  }),
);

/**
 * By name without its family. Spans repeat what log records say and add durations, waiting times
 * and lineage: they keep kind `other`, so that each thing that happened is counted once.
 */
export const SPANS: ReadonlyMap<string, readonly Reading[]> = new Map(
  Object.entries<readonly Reading[]>({
    interaction: [
      count('prompt.length', 'user_prompt_length'),
      count('prompt.duration_ms', 'interaction.duration_ms'),
    ],
    llm_request: [
      ...REQUEST,
      ...USAGE,
      id('request.stop_reason', 'stop_reason'),
      flag('request.success', 'success'),
    ],
    tool: [...TOOL, count('tool.duration_ms', 'duration_ms'), words('tool.path', 'file_path')],
    'tool.blocked_on_user': [
      id('decision.value', 'decision'),
      id('decision.source', 'source'),
      count('decision.latency_ms', 'duration_ms'),
    ],
    'tool.execution': [...TOOL, ...RESULT],
  }),
);
