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
        context.json(openApi(routes));
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Figures in the Prometheus text format.',
      handle(context) {
        context.may('metrics.read');
        const { journal, fleet, tail, detection, deliveries, published } = context.system;
        const lines = [
          gauge('vitrine_log_size', 'Leaves of the published log.', published()?.size ?? 0),
          gauge('vitrine_queue_entries', 'Admitted and not yet sealed.', journal.waitingEntries),
          gauge('vitrine_queue_bytes', 'Bytes of them.', journal.bytes),
          gauge('vitrine_sandboxes', 'Sandboxes that are pulled.', fleet.list().length),
          gauge('vitrine_followers', 'Clients of the live tail.', tail.size),
          gauge(
            'vitrine_detect_lag_rows',
            'Leaves detection has yet to read.',
            detection().lag_rows,
          ),
          ...labelled('vitrine_delivery_lag_alerts', 'Alerts that wait.', deliveries.status()),
        ];
        context.send(200, 'text/plain; version=0.0.4; charset=utf-8', `${lines.join('\n')}\n`);
      },
    },
  ];
}

function gauge(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}`;
}

function labelled(name: string, help: string, status: { name: string; lag: number }[]): string[] {
  if (status.length === 0) return [];
  const rows = status.map((s) => `${name}{connector=${JSON.stringify(s.name)}} ${s.lag}`);
  return [`# HELP ${name} ${help}\n# TYPE ${name} gauge`, ...rows];
}

function openApi(routes: Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
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
