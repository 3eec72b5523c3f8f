/** The bytes of a part as something to look at: JSON indented, text as it is, the rest in hex. */
import { PART_SHOWN_BYTES_MAX } from '@vitrine/schema/record';

interface PartView {
  form: 'JSON' | 'text' | 'binary' | 'empty';
  text: string;
  /** Bytes beyond those shown. */
  hiddenBytes: number;
}

const HEX_ROW_BYTES = 16;
/** A screen of hex says what kind of thing it is. */
const HEX_BYTES_MAX = 4_096;

export function partView(bytes: Uint8Array): PartView {
  if (bytes.length === 0) return { form: 'empty', text: '', hiddenBytes: 0 };
  const text = textOf(bytes);
  if (text === undefined) {
    const shown = bytes.subarray(0, HEX_BYTES_MAX);
    return { form: 'binary', text: hexOf(shown), hiddenBytes: bytes.length - shown.length };
  }
  const json = bytes.length <= PART_SHOWN_BYTES_MAX ? indented(text) : undefined;
  if (json !== undefined) return { form: 'JSON', text: json, hiddenBytes: 0 };
  if (bytes.length <= PART_SHOWN_BYTES_MAX) return { form: 'text', text, hiddenBytes: 0 };
  // A character may lie across the end: the decoder then drops its beginning.
  const shown = new TextDecoder().decode(bytes.subarray(0, PART_SHOWN_BYTES_MAX), { stream: true });
  return { form: 'text', text: shown, hiddenBytes: bytes.length - PART_SHOWN_BYTES_MAX };
}

/** `undefined` for what is no UTF-8, or holds zeros as no text does. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function indented(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

/** `00000000  4d 5a …  MZ…` as hexdump writes it. */
function hexOf(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_ROW_BYTES) {
    const row = [...bytes.subarray(at, at + HEX_ROW_BYTES)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.'));
    rows.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${shown.join('')}`);
  }
  return rows.join('\n');
}
