import type { Metafile } from 'esbuild';

export const VERIFIER: string;
export function buildVerifier(outfile?: string): Promise<Metafile>;
