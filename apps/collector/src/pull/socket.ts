/**
 * Connects to the Unix socket of a relay, and to nothing that a link of that name leads to: what is
 * in the socket's directory may be the sandbox's own to change, at any time, and the collector
 * reaches the sockets of all other sandboxes.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { connect, Socket } from 'node:net';

/** `O_PATH` of open(2): a handle on what bears the name, a socket or a link included. */
const O_PATH = 0o10000000;

/** What is wrong comes as the socket's `error`. */
export function connectSocket(path: string): Socket {
  let handle: number;
  try {
    handle = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    return new Socket().destroy(error as Error);
  }
  try {
    if (!fstatSync(handle).isSocket()) return new Socket().destroy(new Error('it is no socket'));
    // By the handle, so that nobody can exchange it in between; connect(2) is over on return.
    return connect(`/proc/self/fd/${handle}`);
  } finally {
    closeSync(handle);
  }
}
