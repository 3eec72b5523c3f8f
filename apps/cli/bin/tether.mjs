/**
 * Loaded into a child process before its own program: ends it when the parent is gone, however the
 * parent went. The parent holds the other end of standard input and never writes to it.
 */
process.stdin.resume();
process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM'));
// Nothing waits for this pipe: a program that is done may end.
process.stdin.unref?.();
