/**
 * What the hooks of Claude Code say, event by event (its documentation, "Hooks"): the kind of
 * each, the members it gives, and which values are content and become parts. Checked against
 * recordings of 2.1.330.
 */
import { count, flag, id, type Reading, words } from './members.ts';

export interface HookEvent {
  kind: string;
  members?: readonly Reading[];
  /** Part by member of the hook's JSON. */
  parts?: Readonly<Record<string, string>>;
  /** Not in the settings we print: it says nothing of its own, or changes what happens. */
  unasked?: true;
}

/** On every hook. */
export const HOOK_COMMON: readonly Reading[] = [
  id('agent.session', 'session_id'),
  id('agent.type', 'agent_type'),
  id('prompt.id', 'prompt_id'),
  id('approval.mode', 'permission_mode'),
];

const TOOL: readonly Reading[] = [
  words('tool.name', 'tool_name'),
  id('tool.use_id', 'tool_use_id'),
];
const INPUT = { tool_input: 'tool_input' };
const LAST_WORDS = { last_assistant_message: 'response' };
/** Read in 2.1.330; the hook before says no more than the one after. */
const MODELS = [
  id('agent.model_from', 'from_model'),
  id('agent.model', 'to_model'),
  id('config.trigger', 'source'),
];
const SERVER = [words('tool.server', 'mcp_server_name')];

export const HOOK_EVENTS: ReadonlyMap<string, HookEvent> = new Map(
  Object.entries<HookEvent>({
    SessionStart: {
      kind: 'session.start',
      members: [id('reason', 'source'), id('agent.model', 'model')],
    },
    SessionEnd: { kind: 'session.end', members: [id('reason', 'reason')] },
    Setup: { kind: 'other', members: [id('reason', 'trigger')] },
    InstructionsLoaded: {
      kind: 'memory.load',
      members: [
        words('memory.path', 'file_path'),
        id('memory.type', 'memory_type'),
        id('memory.reason', 'load_reason'),
      ],
    },
    UserPromptSubmit: { kind: 'prompt.submit', parts: { prompt: 'prompt' } },
    UserPromptExpansion: {
      kind: 'prompt.submit',
      members: [
        words('prompt.command', 'command_name'),
        id('prompt.command_source', 'command_source'),
      ],
      parts: { prompt: 'prompt', command_args: 'command_args' },
    },
    PreToolUse: { kind: 'tool.call', members: TOOL, parts: INPUT },
    PermissionRequest: { kind: 'approval.request', members: TOOL, parts: INPUT },
    PermissionDenied: {
      kind: 'classifier.verdict',
      members: TOOL,
      parts: { ...INPUT, reason: 'reason' },
    },
    PostToolUse: {
      kind: 'tool.result',
      members: [...TOOL, count('tool.duration_ms', 'duration_ms')],
      parts: { ...INPUT, tool_response: 'tool_output' },
    },
    PostToolUseFailure: {
      kind: 'tool.result',
      members: [
        ...TOOL,
        count('tool.duration_ms', 'duration_ms'),
        flag('tool.interrupted', 'is_interrupt'),
      ],
      parts: { ...INPUT, error: 'error' },
    },
    PostToolBatch: { kind: 'other', parts: { tool_calls: 'tool_calls' }, unasked: true },
    SubagentStart: { kind: 'agent.spawn' },
    SubagentStop: { kind: 'agent.stop', parts: LAST_WORDS },
    // The turn of the main agent is over.
    Stop: { kind: 'agent.stop', parts: LAST_WORDS },
    StopFailure: {
      kind: 'model.error',
      members: [words('request.error', 'error')],
      parts: { ...LAST_WORDS, error_details: 'error' },
    },
    TaskCreated: { kind: 'agent.message', members: [id('task.id', 'task_id')] },
    TaskCompleted: { kind: 'agent.message', members: [id('task.id', 'task_id')] },
    TeammateIdle: { kind: 'agent.message' },
    ConfigChange: {
      kind: 'config.change',
      members: [id('config.source', 'source'), words('config.path', 'file_path')],
    },
    // Claude Code's own word on a file; what the kernel says of it stands beside.
    FileChanged: { kind: 'file.write', members: [words('file.path', 'file_path')] },
    CwdChanged: { kind: 'other', members: [words('file.path', 'new_cwd')] },
    DirectoryAdded: {
      kind: 'mount.change',
      members: [words('file.path', 'directory'), id('reason', 'source')],
    },
    PreModelSwitch: { kind: 'config.change', members: MODELS, unasked: true },
    PostModelSwitch: { kind: 'config.change', members: MODELS },
    // Who asks for it must make the worktree: a watcher would break it.
    WorktreeCreate: { kind: 'other', unasked: true },
    WorktreeRemove: { kind: 'other', members: [words('file.path', 'worktree_path')] },
    PreCompact: {
      kind: 'context.compact',
      members: [id('compact.trigger', 'trigger')],
      parts: { custom_instructions: 'prompt' },
    },
    PostCompact: {
      kind: 'context.compact',
      members: [id('compact.trigger', 'trigger')],
      parts: { compact_summary: 'response' },
    },
    Elicitation: { kind: 'approval.request', members: SERVER, parts: { message: 'message' } },
    ElicitationResult: {
      kind: 'approval.decision',
      members: [...SERVER, id('decision.value', 'action')],
      parts: { content: 'content' },
    },
    Notification: {
      kind: 'other',
      members: [id('notification.type', 'notification_type')],
      parts: { message: 'message' },
    },
    MessageDisplay: { kind: 'other', parts: { delta: 'response' }, unasked: true },
  }),
);
