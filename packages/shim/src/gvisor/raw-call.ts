/**
 * A call of which the sink says its number alone: which file it was about, and whose call it was,
 * is not known, and is not made up.
 */
import { DENIED, errnoName, FILE_KINDS } from '../file/call.ts';
import type { ShimEvent } from '../send/event.ts';
import type { Fields } from './message.ts';

/** `t`: these messages have no time. A call that failed for an ordinary reason is no event. */
export function rawEvent(name: string, fields: Fields, t: string): ShimEvent[] {
  const code = fields.message(2)?.small(2) ?? 0;
  const errno = code === 0 ? undefined : errnoName(code);
  const isDenied = errno !== undefined && DENIED.has(errno);
  const kind = FILE_KINDS[name] ?? (name === 'listen' ? 'net.listen' : undefined);
  if (kind === undefined) {
    const attributes = { 'syscall.name': name, 'syscall.result': errno ?? 'ok' };
    return [{ kind: 'syscall', t, attributes }];
  }
  if (errno !== undefined && !isDenied) return [];
  if (kind === 'net.listen') return isDenied ? [] : [{ kind, t, attributes: {} }];
  const attributes = { 'file.op': name, ...(errno === undefined ? {} : { 'file.errno': errno }) };
  return [{ kind, t, attributes }];
}
