/** What a reading of a pasted text is called, with and without an answer. */
import type { Reading } from './recognise.ts';

/** As a heading over what was found. */
export function readingTitle(reading: Reading): string {
  switch (reading.kind) {
    case 'process':
      return `Process ${reading.pid} on ${reading.host} runs, or ran, this sandbox`;
    case 'pid':
      return `Sandboxes of a process ${reading.pid}, on any host`;
    case 'host':
      return `Sessions on host ${reading.host}`;
    case 'device':
      return `Sessions on EDR device ${reading.device}`;
    case 'session':
      return `Session ${reading.session}`;
    case 'leaf':
      return `Leaf ${reading.index} of ${reading.log}`;
    case 'hash':
      return 'The record with this leaf hash';
    case 'rule':
      return `Alerts of rule ${reading.rule}`;
    case 'alert':
      return 'The alert with this id';
  }
}

/** As one of the things that were looked for in vain. */
export function lookedFor(reading: Reading): string {
  switch (reading.kind) {
    case 'process':
      return `a sandbox that process ${reading.pid} on a host named ${reading.host} runs`;
    case 'pid':
      return `a sandbox that a process ${reading.pid} runs, on any host`;
    case 'host':
      return 'a host with this name, address or id';
    case 'device':
      return 'an EDR device with this id';
    case 'session':
      return 'a session of this name';
    case 'leaf':
      return `leaf ${reading.index} of log ${reading.log}`;
    case 'hash':
      return 'a record with this leaf hash';
    case 'rule':
      return `an alert of rule ${reading.rule}`;
    case 'alert':
      return 'an alert with this id';
  }
}
