/** Sends a file to the archive: `upload.mjs FILE --api-key KEY`. Knows nothing of being watched. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const UPLOAD_URL = 'https://api.provider.example/v1/files';

const [path, , key] = process.argv.slice(2);
const form = new FormData();
form.set('file', new Blob([readFileSync(path)]), basename(path));
const response = await fetch(UPLOAD_URL, {
  method: 'POST',
  headers: { 'x-api-key': key },
  body: form,
});
console.log(`uploaded ${path}: ${response.status}`);
if (!response.ok) process.exitCode = 1;
