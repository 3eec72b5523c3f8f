import type { SpawnOptions } from 'node:child_process';

export function isModern(version: string): boolean;
export function packagedNode(platform?: string, arch?: string): string | null;
export function usableNode(): string | null;
export function tooOldMessage(): string;
export function runUnder(command: string, args: string[], options?: SpawnOptions): Promise<number>;
