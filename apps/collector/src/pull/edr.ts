/**
 * The name this host has with its EDR, as the settings say where to find it. Read when a sandbox is
 * registered and kept from then on; what cannot be read is said in the session, and tried again
 * with the next one.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EDR_COMMAND_MS_MAX, type HostIdentity, type SandboxDescription } from '@vitrine/schema';
import { EDR_DEVICE_ID, type EdrSource } from '../config.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 65_536;
/** What a program says of its failure goes into a record. */
const REASON_CHARS_MAX = 200;

export class EdrIdentity {
  readonly #source: EdrSource | undefined;
  readonly #commandMsMax: number;
  #known: HostIdentity['edr'];

  constructor(source: EdrSource | undefined, commandMsMax = EDR_COMMAND_MS_MAX) {
    this.#source = source;
    this.#commandMsMax = commandMsMax;
  }

  /** The description with the EDR's name of the host, where the runtime did not say one. */
  async addTo(description: SandboxDescription): Promise<SandboxDescription> {
    const { host, absent } = description;
    if (this.#source === undefined || host.edr !== undefined) return description;
    const { vendor } = this.#source;
    try {
      this.#known ??= { vendor, device_id: await this.#read(this.#source.device_id) };
      return { ...description, host: { ...host, edr: this.#known } };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const said = why.replaceAll(/[^ -~]+/g, ' ').slice(0, REASON_CHARS_MAX);
      const reason = `the device id of ${vendor} cannot be read: ${said}`;
      return { ...description, absent: [...absent, { source: 'edr', reason }] };
    }
  }

  async #read(source: EdrSource['device_id']): Promise<string> {
    const text = (await this.#textOf(source)).trim().replaceAll(/^"|"$/g, '');
    if (EDR_DEVICE_ID.test(text)) return text;
    throw new Error('what was found there is no id of one word');
  }

  async #textOf(source: EdrSource['device_id']): Promise<string> {
    if (typeof source === 'string') return source;
    if ('file' in source) return readFile(source.file, 'utf8');
    const [program, ...args] = source.command;
    const bounds = { timeout: this.#commandMsMax, maxBuffer: OUTPUT_BYTES_MAX };
    return (await run(program!, args, bounds)).stdout;
  }
}
