/**
 * What the runtime says of a sandbox when it begins: checked here, kept on disk until the session
 * is closed, so that a restarted collector pulls on.
 */
import { isAbsolute } from 'node:path';
import { canonicalBytes } from '@vitrine/chain';
import {
  DESCRIPTION_BYTES_MAX,
  type JsonObject,
  type SandboxDescription,
  VANTAGES,
  type Vantage,
} from '@vitrine/schema';
import { z } from 'zod';
import { CollectorError } from '../error.ts';

const TEXT_CHARS_MAX = 4_096;
const ITEMS_MAX = 1_000;
/** `sockaddr_un` has 108 bytes for a path and its end. */
const SOCKET_PATH_CHARS_MAX = 107;

const text = z.string().max(TEXT_CHARS_MAX);
const texts = z.array(text).max(ITEMS_MAX);
const name = z.string().regex(/^[A-Za-z0-9._:-]{1,112}$/);

const host = z.strictObject({
  name: text,
  id: text.optional(),
  ip: text.optional(),
  os: text.optional(),
  process: z
    .strictObject({ pid: z.number().int().min(1), start: text.optional(), exe: text.optional() })
    .optional(),
  edr: z.strictObject({ vendor: text, device_id: text }).optional(),
});

const description = z.strictObject({
  runtime: z.enum(['native', 'gvisor', 'container', 'vm', 'microvm', 'none']),
  host,
  user: text.optional(),
  command: texts.optional(),
  image: text.optional(),
  policy: text.optional(),
  grants: z
    .array(z.strictObject({ path: text, mode: z.enum(['ro', 'rw', 'rw_no_delete']) }))
    .max(ITEMS_MAX)
    .default([]),
  credentials: z
    .array(z.string().regex(/^[0-9a-f]{32}$/))
    .max(ITEMS_MAX)
    .default([]),
  hosts: texts.default([]),
  expected: texts.default([]),
  absent: z
    .array(z.strictObject({ source: text, reason: text }))
    .max(ITEMS_MAX)
    .default([]),
});

const request = z.strictObject({
  session: name.optional(),
  description,
  relay: z.strictObject({
    socket: z.string().max(SOCKET_PATH_CHARS_MAX).refine(isAbsolute, 'must be an absolute path'),
    standing: z.enum(VANTAGES),
    mac_key: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

export interface SandboxRequest {
  session?: string;
  description: SandboxDescription;
  relay: RelayAddress;
}

export interface RelayAddress {
  /** Unix socket of the relay's OPP server. */
  socket: string;
  /** Where the relay itself stands: its chains are never believed above this. */
  standing: Vantage;
  /** The key its frame MACs start from, hex. */
  macKey: string;
}

/** Reads the body of `POST /v1/sandboxes`; throws SANDBOX_INVALID. */
export function sandboxRequest(body: unknown): SandboxRequest {
  const parsed = request.safeParse(body);
  if (!parsed.success) {
    const message = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
      .join('; ');
    const hint = 'docs/reference/api.md describes a registration';
    throw new CollectorError('SANDBOX_INVALID', message, hint);
  }
  const { session, relay } = parsed.data;
  const description = withoutUndefined(parsed.data.description);
  assertFits(description);
  return {
    ...(session === undefined ? {} : { session }),
    description,
    relay: { socket: relay.socket, standing: relay.standing, macKey: relay.mac_key },
  };
}

/** The description becomes a record: it must be one before anybody hears that it is kept. */
function assertFits(description: SandboxDescription): void {
  let bytes: number;
  try {
    bytes = canonicalBytes(description as unknown as JsonObject).length;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CollectorError('SANDBOX_INVALID', `description: ${message}`, '', { cause });
  }
  if (bytes <= DESCRIPTION_BYTES_MAX) return;
  const message = `description has ${bytes} bytes, ${DESCRIPTION_BYTES_MAX} at most`;
  throw new CollectorError('SANDBOX_INVALID', message, 'shorten the command or the lists');
}

/** Optional members that were not given are absent, as canonical records need them. */
function withoutUndefined(value: z.infer<typeof description>): SandboxDescription {
  return JSON.parse(JSON.stringify(value)) as SandboxDescription;
}
