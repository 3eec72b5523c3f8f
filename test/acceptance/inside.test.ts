/**
 * Inside the sandbox: relay, pull, sources, and what somebody who takes the relay over can do. As
 * its users have it: the command line, HTTP, sockets, files. Imports nothing of the product. Each
 * part also breaks its cause once and sees the effect go.
 */
import { test } from 'node:test';
import { takesAnotherSource } from './inside/adding.ts';
import { observesClaudeCode } from './inside/claude-code.ts';
import { disagreesAloud } from './inside/disagreement.ts';
import { observesGvisor } from './inside/gvisor.ts';
import { showsSourceHealth } from './inside/health.ts';
import { observesMitmproxy } from './inside/mitmproxy.ts';
import { observesNative } from './inside/native.ts';
import { pullsFromOutside } from './inside/pull.ts';
import { relaysFromOneFile } from './inside/relay.ts';
import { survivesTakeover } from './inside/takeover.ts';

test('1. the relay is one file that keeps what it acknowledged', relaysFromOneFile);

test('2. the host pulls, and a sandbox needs no way out', pullsFromOutside);

test('3. whoever takes the relay over is seen', survivesTakeover);

test('4. Claude Code is heard in every way that it speaks', observesClaudeCode);

test('4. gVisor tells what its programs do', observesGvisor);

test('4. the native sandbox is seen from outside, and from the host', observesNative);

test('4. mitmproxy tells what leaves, and whose key it carries', observesMitmproxy);

test('5. vantages that disagree are told, on real processes', disagreesAloud);

test('6. it is seen which source is missing, and what that leaves unseen', showsSourceHealth);

test('7. another source is one adapter, one recording and one entry', takesAnotherSource);
