/** What the API says of itself: the OpenAPI page, and figures for a scraper. */
import type { Route } from '../context.ts';
import { API_ERRORS } from '../errors.ts';

export function describeRoutes(routes: Route[]): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/openapi.json',
      summary: 'This page.',
      handle(context) {
        context.may('api.describe');
        context.json<OpenApi>(openApi(routes));
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Figures in the Prometheus text format.',
      async handle(context) {
        context.may('metrics.read');
        const { registry } = context.system.figures;
        context.send(200, registry.contentType, await registry.metrics());
      },
    },
  ];
}

interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  /** By path, then method. */
  paths: Record<string, Record<string, object>>;
  components: object;
}

function openApi(routes: Route[]): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const { method, path, summary, open } of routes) {
    const names = [...path.matchAll(/[:*](\w+)/g)].map((match) => match[1]!);
    const operation = {
      summary,
      parameters: names.map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      security: open ? [] : [{ token: [] }],
      responses: { default: { $ref: '#/components/responses/Error' } },
    };
    const key = path.replace(/[:*](\w+)/g, '{$1}');
    paths[key] = { ...paths[key], [method.toLowerCase()]: operation };
  }
  return { openapi: '3.1.0', info: { title: 'Vitrine', version: '1' }, paths, components };
}

const text = { type: 'string' };
const components = {
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  responses: {
    Error: {
      description: 'A code of the error table with a sentence and a hint.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  },
  schemas: {
    Error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string', examples: Object.keys(API_ERRORS) },
        message: text,
        hint: text,
      },
    },
  },
};
