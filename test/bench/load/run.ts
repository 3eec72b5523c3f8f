/** Runs the load generator as the process of its own that it is. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Sent } from './sender.ts';

const SENDER = fileURLToPath(new URL('sender.ts', import.meta.url));

export async function runLoad(order: Order): Promise<Sent> {
  return JSON.parse(await outputOf([SENDER, JSON.stringify(order)])) as Sent;
}

/** What a program of ours prints when it ends well. */
export function outputOf(args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('close', (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`${args[0]} ended with ${code}`));
    });
  });
}
