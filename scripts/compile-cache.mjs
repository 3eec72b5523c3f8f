/**
 * Loaded before each test file: keeps compiled modules beside the packages. Every file has a
 * process of its own, and without this each of them compiles the same modules again.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/vitrine', import.meta.url)));
