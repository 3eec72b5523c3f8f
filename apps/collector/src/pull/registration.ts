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
/** `svm_port` has 32 bits, and its last value means any port (vsock(7)). */
const VSOCK_PORT_MAX = 2 ** 32 - 2;

const text = z.string().max(TEXT_CHARS_MAX);
const texts = z.array(text).max(ITEMS_MAX);
const name = z.string().regex(/^[A-Za-z0-9._:-]{1,112}$/);

/** A shim's name, after the vantage where it must be heard from if that is told. */
const EXPECTED = /^(?:(?:agent|guest|boundary|host)\/)?[A-Za-z0-9._:-]{1,128}$/;
/** Of the capability catalogue; with `*` at the end, all that begin so. */
const FUNCTION = /^(?=.)[a-z0-9_.-]{0,128}\*?$/;
const TWICE = 'names one twice';
const isSet = (names: string[]): boolean => new Set(names).size === names.length;

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
  purpose: z.enum(['work', 'evaluation']).optional(),
  functions: z.array(z.string().regex(FUNCTION)).max(ITEMS_MAX).optional(),
  grants: z
    .array(z.strictObject({ path: text, mode: z.enum(['ro', 'rw', 'rw_no_delete']) }))
    .max(ITEMS_MAX)
    .default([]),
  credentials: z
    .array(z.string().regex(/^[0-9a-f]{32}$/))
    .max(ITEMS_MAX)
    .default([]),
  hosts: texts.default([]),
  expected: z.array(z.string().regex(EXPECTED)).max(ITEMS_MAX).refine(isSet, TWICE).default([]),
  absent: z
    .array(z.strictObject({ source: text, reason: text }))
    .max(ITEMS_MAX)
    .default([]),
});

const relay = z
  .strictObject({
    socket: z
      .string()
      .max(SOCKET_PATH_CHARS_MAX)
      .refine(isAbsolute, 'must be an absolute path')
      .optional(),
    vsock_port: z.number().int().min(1).max(VSOCK_PORT_MAX).optional(),
    url: z
      .url({ protocol: /^https$/ })
      .max(TEXT_CHARS_MAX)
      .refine(isOrigin, 'must be https://HOST:PORT and nothing else')
      .optional(),
    server_name: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/)
      .optional(),
    standing: z.enum(VANTAGES),
    mac_key: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine(({ socket, url }) => (socket === undefined) !== (url === undefined), {
    error: 'one of socket and url must be there',
  })
  .refine(({ socket, vsock_port: port }) => port === undefined || socket !== undefined, {
    error: 'vsock_port goes with socket',
  })
  .refine(({ url, server_name: server }) => server === undefined || url !== undefined, {
    error: 'server_name goes with url',
  });

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && [url.origin, `${url.origin}/`].includes(text);
}

const request = z.strictObject({ session: name.optional(), description, relay });

export interface SandboxRequest {
  session?: string;
  description: SandboxDescription;
  relay: RelayAddress;
}

export interface RelayAddress {
  /** Unix socket of the relay's OPP server, or of the monitor of its virtual machine. */
  socket?: string;
  /** The port that the monitor is asked for. */
  vsockPort?: number;
  /** `https://host:port`, where there is no socket. */
  url?: string;
  /** The name in the relay's certificate, where it is not the host of the URL. */
  serverName?: string;
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
  const { session } = parsed.data;
  const description = withoutUndefined(parsed.data.description) as SandboxDescription;
  assertFits(description);
  return {
    ...(session === undefined ? {} : { session }),
    description,
    relay: addressOf(parsed.data.relay),
  };
}

function addressOf(given: z.infer<typeof relay>): RelayAddress {
  const { mac_key: macKey, vsock_port: vsockPort, server_name: serverName, ...rest } = given;
  return withoutUndefined({ ...rest, vsockPort, serverName, macKey }) as RelayAddress;
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
function withoutUndefined(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
