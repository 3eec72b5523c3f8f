/**
 * Inside the sandbox: relay, pull, sources, and what somebody who takes the relay over can do. As
 * its users have it: the command line, HTTP, sockets, files. Imports nothing of the product. Each
 * part also breaks its cause once and sees the effect go.
 */
import { test } from 'node:test';
import { survivesTakeover } from './inside/takeover.ts';

test('3. whoever takes the relay over is seen', survivesTakeover);
