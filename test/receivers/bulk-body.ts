/**
 * The body of an Elasticsearch `_bulk` request: lines of JSON, an action and its document in turn,
 * the last one ended by a newline as well ("Bulk index or delete documents").
 */
import { isRecord, parsed } from './receiver.ts';

export interface BulkAction {
  /** `create`, `index`, `update` or `delete`. */
  operation: string;
  target: string | undefined;
  id: string | undefined;
  /** `undefined` when the line is no JSON object, or there is none. */
  document: Record<string, unknown> | undefined;
}

/** The reason why the whole body is refused, in the words of Elasticsearch. */
export type BulkMistake = { mistake: string };

const OPERATIONS = ['create', 'index', 'update', 'delete'];
const ID_BYTES_MAX = 512;

/** `path` is the target that the address names, for actions that name none. */
export function readBulk(text: string, path: string | undefined): BulkAction[] | BulkMistake {
  if (text.trim() === '') return { mistake: 'request body is required' };
  if (!text.endsWith('\n')) {
    return { mistake: 'The bulk request must be terminated by a newline [\\n]' };
  }
  const lines = text.slice(0, -1).split('\n');
  const actions: BulkAction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (lines[at]!.trim() === '') continue;
    const entries = Object.entries(recordIn(lines[at]) ?? {});
    const [operation, meta] = entries[0] ?? [];
    if (entries.length !== 1 || !OPERATIONS.includes(operation!) || !isRecord(meta)) {
      return { mistake: `Malformed action/metadata line [${at + 1}]` };
    }
    const target = typeof meta._index === 'string' ? meta._index : path;
    const id = typeof meta._id === 'string' ? meta._id : undefined;
    const invalid = invalidity(target, id);
    if (invalid !== undefined) return { mistake: `Validation Failed: 1: ${invalid};` };
    if (operation !== 'delete') at += 1;
    const document = operation === 'delete' ? undefined : recordIn(lines[at]);
    actions.push({ operation: operation!, target, id, document });
  }
  return actions;
}

function recordIn(line: string | undefined): Record<string, unknown> | undefined {
  const value = line === undefined ? undefined : parsed(line);
  return isRecord(value) ? value : undefined;
}

function invalidity(target: string | undefined, id: string | undefined): string | undefined {
  if (target === undefined) return 'index is missing';
  const bytes = Buffer.byteLength(id ?? '');
  if (bytes <= ID_BYTES_MAX) return undefined;
  return `id [${id}] is too long, must be no longer than ${ID_BYTES_MAX} bytes but was: ${bytes}`;
}
