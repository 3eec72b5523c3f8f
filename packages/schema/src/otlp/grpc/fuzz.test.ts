/** Connections of damaged frames that end at any time: nothing stays behind, nothing fails. */
import assert from 'node:assert/strict';
import { connect as connectSocket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GRPC_STATUS } from '../response.ts';
import { frame } from './frame.ts';
import { rawExport } from './raw-client.ts';
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  EXPORT_HEADERS,
  HEADERS,
  h2Frame,
  PREFACE,
  SETTINGS,
} from './raw-frames.ts';
import { startRig, until } from './rig.ts';

describe('a hostile sender', () => {
  it('sends whatever it likes, and goes when it likes', async (t) => {
    const { port, connect, connections, budget } = await startRig(t);
    const message = frame(Buffer.from('abc'));
    const whole = Buffer.concat([
      PREFACE,
      h2Frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      h2Frame(HEADERS, END_HEADERS, 1, EXPORT_HEADERS),
      h2Frame(DATA, END_STREAM, 1, message),
      h2Frame(HEADERS, END_HEADERS, 3, EXPORT_HEADERS),
      h2Frame(DATA, 0, 3, message),
    ]);
    let state = 20_251_128;
    const chance = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const visits = Array.from({ length: 300 }, async () => {
      const bytes = Buffer.from(whole);
      for (let edits = chance(4); edits > 0; edits--) {
        bytes[PREFACE.length + chance(bytes.length - PREFACE.length)] = chance(256);
      }
      const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
      await new Promise((done) => socket.on('connect', done));
      socket.write(bytes.subarray(0, chance(bytes.length + 1)));
      await sleep(chance(20));
      if (chance(2) === 0) socket.resetAndDestroy();
      else socket.destroy();
    });
    await Promise.all(visits);
    await until('all are gone', () => connections() === 0 && budget.held === 0);
    assert.equal((await rawExport(connect(), Buffer.from('x'))).status, GRPC_STATUS.ok);
  });
});
