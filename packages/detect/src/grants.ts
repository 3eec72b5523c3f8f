/** Whether a path lies in a granted directory. Pure text: no file system is asked. */

/**
 * Absolute POSIX path without `.`, `..` and doubled slashes; `undefined` for a relative path with
 * no directory to resolve it against.
 */
export function normalPath(path: string, cwd: string | undefined): string | undefined {
  const absolute = path.startsWith('/')
    ? path
    : cwd?.startsWith('/')
      ? `${cwd}/${path}`
      : undefined;
  if (absolute === undefined) return undefined;
  const steps: string[] = [];
  for (const step of absolute.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

/** Both as `normalPath` makes them. */
export function isGranted(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => root === '/' || path === root || path.startsWith(`${root}/`));
}
