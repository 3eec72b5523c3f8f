import type { Metafile } from 'esbuild';

export const RELAY_FILE: string;
export function buildRelayFile(outfile?: string): Promise<Metafile>;
