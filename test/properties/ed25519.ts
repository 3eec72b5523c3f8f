/**
 * What each implementation of Ed25519 at hand says of a signature, and what our verifier says with
 * Node's cryptography and with a browser's.
 */
import { createPublicKey, hash, verify, webcrypto } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { isTrustedNote, parseCheckpointNote, parseTrust, sha256 } from '@vitrine/chain';
import { verifyBundleAsync } from '@vitrine/chain/verify';
import { RigLog } from '../../packages/chain/src/verify/rig.ts';

export interface Vector {
  number: number;
  key: string;
  sig: string;
  msg: string;
  flags: string[] | null;
}

interface Signed {
  key: Buffer<ArrayBuffer>;
  sig: Buffer<ArrayBuffer>;
  msg: Buffer<ArrayBuffer>;
}

type Judge = (signed: Signed) => boolean | Promise<boolean>;

const NAME = 'edge.example/00112233/default.0.1';
const C2SP_ED25519_BYTE = Buffer.from([1]);
/** RFC 8410 §4: everything of a SubjectPublicKeyInfo before its key. */
const RFC8410_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SAMPLE = sampleOf(NAME);

const JUDGES: Record<string, Judge> = {
  'node:crypto': ({ key, sig, msg }) => {
    try {
      const der = Buffer.concat([RFC8410_PREFIX, key]);
      return verify(null, msg, createPublicKey({ key: der, format: 'der', type: 'spki' }), sig);
    } catch {
      return false;
    }
  },
  WebCrypto: async ({ key, sig, msg }) => {
    try {
      const { subtle } = webcrypto;
      const imported = await subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
      return await subtle.verify('Ed25519', imported, sig, msg);
    } catch {
      return false;
    }
  },
  'noble strict': ({ key, sig, msg }) => ed25519.verify(sig, msg, key, { zip215: false }),
  'noble zip215': ({ key, sig, msg }) => ed25519.verify(sig, msg, key, { zip215: true }),
  'no cofactor': holdsWithoutCofactor,
  'ours in Node': (signed) => {
    const { trust, note } = noteOf(signed);
    const text = signed.msg.toString();
    return isTrustedNote({ ...parseCheckpointNote(note), text }, parseTrust(trust));
  },
  // Whatever browser it is: theirs decides like the one that accepts most.
  'ours in a browser': async (signed) => {
    const { trust, note } = noteOf(signed);
    const bundle = Buffer.from(JSON.stringify({ ...SAMPLE.bundle, checkpoint: note }));
    const importKey = () => Promise.resolve(0);
    // The vector's message stands for the note's text, which nobody can sign with these keys.
    const theirs = { importKey, verify: () => Promise.resolve(holdsWithoutCofactor(signed)) };
    const { failure } = await verifyBundleAsync(bundle, trust, {}, theirs);
    return failure === undefined;
  },
};

/** The names of those who accept it, in the order above. */
export async function accepting(vector: Vector): Promise<string[]> {
  const signed = {
    key: Buffer.from(vector.key, 'hex'),
    sig: Buffer.from(vector.sig, 'hex'),
    msg: Buffer.from(vector.msg),
  };
  const names: string[] = [];
  for (const [name, judge] of Object.entries(JUDGES)) if (await judge(signed)) names.push(name);
  return names;
}

/**
 * What Chromium's WebCrypto and Go's crypto/ed25519 do: R as bytes is [S]B - [k]A (RFC 8032 §5.1.7
 * without its factor 8), and nothing is asked of A but that it is a point.
 */
function holdsWithoutCofactor({ key, sig, msg }: Signed): boolean {
  const { Point } = ed25519;
  const r = sig.subarray(0, 32);
  const s = littleEndian(sig.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  const k = littleEndian(hash('sha512', Buffer.concat([r, key, msg]), 'buffer')) % Point.Fn.ORDER;
  const product = Point.fromBytes(key, true).multiplyUnsafe(k);
  return r.equals(Point.BASE.multiplyUnsafe(s).subtract(product).toBytes());
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** A trust file with the vector's key, and a note with the vector's signature under it. */
function noteOf({ key, sig }: Signed): { trust: string; note: string } {
  const typed = Buffer.concat([C2SP_ED25519_BYTE, key]);
  const id = sha256(Buffer.concat([Buffer.from(`${NAME}\n`), typed])).subarray(0, 4);
  const line = `— ${NAME} ${Buffer.concat([id, sig]).toString('base64')}`;
  const trust = `log ${NAME}+${id.toString('hex')}+${typed.toString('base64')}\nquorum none\n`;
  return { trust, note: `${SAMPLE.text}\n${line}\n` };
}

/** An event of a log with this name, and its checkpoint's text: valid but for the signature. */
function sampleOf(name: string): { bundle: object; text: string } {
  const log = new RigLog();
  log.add('s1/b1', 'x');
  log.seal();
  const bytes = log.bundle({ type: 'event', index: 0 }, { attached: [log.leaf(0)] });
  const bundle = JSON.parse(bytes.toString()) as { checkpoint: string };
  const [, size, root] = bundle.checkpoint.split('\n');
  return { bundle, text: `${name}\n${size}\n${root}\n` };
}
