/**
 * The provider's function behind a request, where host, method and path say it beyond doubt. An
 * allowed host is a grant of all its functions; a rule needs to know which one was used.
 */

type Known = [host: string, method: string, path: RegExp, name: string];

const KNOWN: Known[] = [
  ['api.anthropic.com', 'POST', /^\/v1\/messages$/, 'anthropic.messages.create'],
  ['api.anthropic.com', 'POST', /^\/v1\/messages\/count_tokens$/, 'anthropic.messages.count'],
  ['api.anthropic.com', 'POST', /^\/v1\/messages\/batches$/, 'anthropic.batches.create'],
  ['api.anthropic.com', 'POST', /^\/v1\/files$/, 'anthropic.files.create'],
  ['api.anthropic.com', 'GET', /^\/v1\/files$/, 'anthropic.files.list'],
  ['api.anthropic.com', 'GET', /^\/v1\/files\/[^/]+\/content$/, 'anthropic.files.download'],
  ['api.openai.com', 'POST', /^\/v1\/responses$/, 'openai.responses.create'],
  ['api.openai.com', 'POST', /^\/v1\/chat\/completions$/, 'openai.chat.create'],
  ['api.openai.com', 'POST', /^\/v1\/files$/, 'openai.files.create'],
  ['api.openai.com', 'POST', /^\/v1\/uploads$/, 'openai.uploads.create'],
];

export function functionOf(host: string, method: string, path: string): string | undefined {
  return KNOWN.find(([h, m, p]) => h === host && m === method && p.test(path))?.[3];
}
