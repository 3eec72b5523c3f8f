/**
 * No route answers before it has asked whether it may. The server refuses at run time as well
 * (`Context.#assertAllowed`); this finds the mistake before it runs.
 */
import {
  descendants,
  type Finding,
  isNode,
  type Node,
  type Rule,
  type SourceFile,
} from './tree.ts';

const ROUTES = 'apps/collector/src/api/routes/';
const HEALTH = `${ROUTES}health.ts`;
/** What answers before anyone can have a token. */
const OPEN_ROUTES = ['/healthz', '/readyz', '/v1/login'];

export const authorised: Rule = {
  name: 'every API route calls may(), or is one of the open ones',
  check: (tree) =>
    tree.code
      .filter((file) => file.path.startsWith(ROUTES) && !file.isTest)
      .flatMap((file) => routesIn(file).flatMap((route) => judge(file, route) ?? [])),
  sabotage: [
    { [`${ROUTES}a.ts`]: routeText('handle: (context) => context.json({ secret: 1 }),') },
    { [`${ROUTES}a.ts`]: routeText('open: true, handle: (context) => context.json({}),') },
    { [`${ROUTES}a.ts`]: routeText('handle: list,') },
    { [`${ROUTES}a.ts`]: routeText('handle(context) { if (x) context.may("event.read"); },') },
    { [`${ROUTES}a.ts`]: routeText('handle(context) { later(() => context.may("x")); },') },
    { [HEALTH]: routeText('handle: (context) => context.json({}),', '/healthz') },
  ],
  sound: {
    [`${ROUTES}a.ts`]: [
      routeText("async handle(context) { context.may('event.read'); context.json({}); },"),
      routeText('handle: list,').replace('const routes', 'const more'),
      "function list(context) { const by = context.may('event.read'); context.json(by); }",
    ].join('\n'),
    [HEALTH]: routeText('open: true, handle: (context) => context.json({}),', '/healthz'),
  },
};

/** How many routes the rule sees, so that a test can compare it with what the server knows. */
export function countRoutes(files: SourceFile[]): number {
  const inFolder = files.filter((file) => file.path.startsWith(ROUTES) && !file.isTest);
  return inFolder.reduce((sum, file) => sum + routesIn(file).length, 0);
}

function routesIn(file: SourceFile): Node[] {
  return file.nodes.filter(
    (node) =>
      node.type === 'ObjectExpression' &&
      ['method', 'path', 'handle'].every((name) => member(node, name) !== undefined),
  );
}

function judge(file: SourceFile, route: Node): Finding | undefined {
  const path = String((member(route, 'path')?.value as Node | undefined)?.value);
  const open = (member(route, 'open')?.value as Node | undefined)?.value === true;
  if (open) {
    if (OPEN_ROUTES.includes(path)) return undefined;
    return file.finding(route, `${path} is open to everyone`);
  }
  const handler = functionOf(file, member(route, 'handle')?.value);
  if (handler !== undefined && asksFirst(handler)) return undefined;
  return file.finding(route, `${path} never asks whether it may`);
}

function member(object: Node, name: string): Node | undefined {
  return (object.properties as Node[]).find(
    (property) => property.type === 'Property' && (property.key as Node).name === name,
  );
}

/** The function itself, or the one of that name in the same file. */
function functionOf(file: SourceFile, value: unknown): Node | undefined {
  if (!isNode(value)) return undefined;
  if (value.type !== 'Identifier') return value;
  return file.nodes.find(
    (node) => node.type === 'FunctionDeclaration' && (node.id as Node).name === value.name,
  );
}

/** Whether a statement of the handler's own body calls `.may(`: not a branch, not a callback. */
function asksFirst(handler: Node): boolean {
  const body = handler.body as Node;
  const statements = body.type === 'BlockStatement' ? (body.body as Node[]) : [body];
  return statements.some((statement) => {
    const sure = ['ExpressionStatement', 'VariableDeclaration'].includes(statement.type);
    return sure && calls(statement);
  });
}

function calls(statement: Node): boolean {
  const inner = descendants(statement);
  if (inner.some((node) => /Function|Conditional|Logical/.test(node.type))) return false;
  return inner.some((node) => {
    if (node.type !== 'CallExpression') return false;
    const callee = node.callee as Node;
    return callee.type === 'MemberExpression' && (callee.property as Node).name === 'may';
  });
}

function routeText(rest: string, path = '/v1/x'): string {
  return `const routes = [{ method: 'GET', path: '${path}', summary: 'x', ${rest} }];`;
}
