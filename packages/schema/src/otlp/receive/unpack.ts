/**
 * What bodies of OTLP may be packed with, and how each is unpacked within a bound. zstd is there
 * where Node has it: a relay may run on an older one.
 */
import zlib from 'node:zlib';
import { SchemaError } from '../../error.ts';
import { OTLP_ZSTD_WINDOW_LOG_MAX } from '../../limits.ts';

export type Packing = 'identity' | 'gzip' | 'zstd';

const PACKINGS: readonly Packing[] =
  typeof zlib.zstdDecompressSync === 'function'
    ? ['identity', 'gzip', 'zstd']
    : ['identity', 'gzip'];

/** As `accept-encoding` says it. */
export const ACCEPTED_PACKINGS = PACKINGS.join(',');

/**
 * `undefined` for one that is not known here. Names are those of RFC 9110 §8.4.1, in any case; none
 * at all is no packing.
 */
export function packingOf(name: string): Packing | undefined {
  const given = name.trim().toLowerCase();
  if (given === '') return 'identity';
  return PACKINGS.find((packing) => packing === (given === 'x-gzip' ? 'gzip' : given));
}

/**
 * Synchronous, so that one body is unpacked at a time whatever many senders do. `undefined` when
 * it is longer than `bytesMax`; throws OTLP_MALFORMED for what is not packed so.
 */
export function unpack(
  packing: Exclude<Packing, 'identity'>,
  packed: Buffer,
  bytesMax: number,
): Buffer<ArrayBuffer> | undefined {
  if (packed.length === 0) throw notPacked(packing);
  try {
    if (packing === 'gzip') return zlib.gunzipSync(packed, { maxOutputLength: bytesMax });
    const params = { [zlib.constants.ZSTD_d_windowLogMax]: OTLP_ZSTD_WINDOW_LOG_MAX };
    return zlib.zstdDecompressSync(packed, { maxOutputLength: bytesMax, params });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw notPacked(packing, cause);
  }
}

function notPacked(packing: Packing, cause?: unknown): SchemaError {
  const hint = 'send it again, or without compression';
  return new SchemaError('OTLP_MALFORMED', `the body is no ${packing} stream`, hint, { cause });
}
