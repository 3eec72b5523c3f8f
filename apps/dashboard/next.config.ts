/** How Next builds and serves the dashboard. Nothing here leads to another host. */
import { join } from 'node:path';
import type { NextConfig } from 'next';
import { DIST_DIR } from './lib/config.ts';

const config: NextConfig = {
  distDir: DIST_DIR,
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  transpilePackages: ['@vitrine/chain', '@vitrine/schema', 'geist'],
  // The packages of this repository are imported as sources, from their own folders.
  turbopack: { root: join(import.meta.dirname, '..', '..') },
  // Types are checked once, by `npm run check`; a first start need not wait for that.
  // Next writes the folder it builds in into this file: another folder, another file, not in git.
  typescript: {
    ignoreBuildErrors: true,
    tsconfigPath: DIST_DIR === '.next' ? 'tsconfig.json' : 'tsconfig.next.json',
  },
  devIndicators: false,
  typedRoutes: false,
};

export default config;
