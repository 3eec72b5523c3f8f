/** A witness with a key of its own (C2SP tlog-cosignature): what it cosigns is real. */
import { generateLogKey, sha256 } from '@vitrine/chain';

/** C2SP tlog-cosignature: signature type of a witness's timestamped Ed25519 key. */
const C2SP_COSIGNATURE_ED25519 = 4;
const TIME_BYTES = 8;

export interface Witness {
  /** Its line in a trust file. */
  line: string;
  /** A signature line for the checkpoint of the note. */
  cosign(note: string, seconds: number): string;
}

export function witness(label: string, seed: number): Witness {
  const name = `witness.test/${label}`;
  const key = generateLogKey(name, Buffer.alloc(32, seed));
  const typeAndKey = Buffer.from(key.vkey.split('+').slice(2).join('+'), 'base64');
  typeAndKey[0] = C2SP_COSIGNATURE_ED25519;
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typeAndKey])).subarray(0, 4);
  return {
    line: `witness ${label} ${name}+${id.toString('hex')}+${typeAndKey.toString('base64')}\n`,
    cosign(note, seconds) {
      const text = note.slice(0, note.indexOf('\n\n') + 1);
      const time = Buffer.alloc(TIME_BYTES);
      time.writeBigUInt64BE(BigInt(seconds));
      const signature = key.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`));
      return `— ${name} ${Buffer.concat([id, time, signature]).toString('base64')}\n`;
    },
  };
}
