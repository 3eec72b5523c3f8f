/** Values that several events of Claude Code's telemetry have, as the members they become. */
import { count, flag, id, type Reading, words } from './members.ts';

/** On every record. */
export const COMMON: readonly Reading[] = [
  id('agent.session', 'session.id'),
  id('agent.type', 'agent_type'),
  id('prompt.id', 'prompt.id'),
  id('user.id', 'user.id'),
  id('user.email', 'user.email'),
  id('user.account', 'user.account_uuid'),
  id('org.id', 'organization.id'),
  id('agent.provider', 'anthropic.provider'),
  // The model is asked for at another address than the provider's own.
  flag('agent.custom_base_url', 'anthropic.custom_base_url'),
];

/** On every log record: the number that its session gave it. */
export const NUMBERED: readonly Reading[] = [count('source.sequence', 'event.sequence')];

export const TOOL: readonly Reading[] = [
  words('tool.name', 'tool_name'),
  id('tool.use_id', 'tool_use_id'),
  id('tool.source', 'tool_source'),
  id('request.id', 'request_id'),
  id('approval.mode', 'permission_mode'),
];

export const RESULT: readonly Reading[] = [
  flag('tool.success', 'success'),
  count('tool.duration_ms', 'duration_ms'),
  words('tool.error_type', 'error_type'),
];

export const REQUEST: readonly Reading[] = [
  id('agent.model', 'model'),
  id('request.id', 'request_id'),
  id('request.client_id', 'client_request_id'),
  id('request.purpose', 'query_source'),
  id('request.effort', 'effort'),
  id('request.speed', 'speed'),
  count('request.duration_ms', 'duration_ms'),
  count('request.ttft_ms', 'ttft_ms'),
  count('request.attempt', 'attempt'),
  count('request.status', 'status_code'),
];

export const USAGE: readonly Reading[] = [
  count('usage.input_tokens', 'input_tokens'),
  count('usage.output_tokens', 'output_tokens'),
  count('usage.cache_read_tokens', 'cache_read_tokens'),
  count('usage.cache_creation_tokens', 'cache_creation_tokens'),
  count('usage.cost_micros', 'cost_usd_micros'),
];

export const PLUGIN: readonly Reading[] = [
  words('plugin.name', 'plugin.name'),
  words('plugin.version', 'plugin.version'),
  words('plugin.marketplace', 'marketplace.name'),
];

export const HOOK: readonly Reading[] = [
  words('hook.event', 'hook_event'),
  words('hook.name', 'hook_name'),
  words('hook.type', 'hook_type'),
  words('hook.source', 'hook_source'),
  count('hook.count', 'num_hooks'),
  count('hook.blocking', 'num_blocking'),
  count('hook.errors', 'num_non_blocking_error'),
  count('hook.duration_ms', 'total_duration_ms'),
];

export const ERROR = { error: 'error' };
export const INPUT = { tool_input: 'tool_input', tool_parameters: 'tool_parameters' };
