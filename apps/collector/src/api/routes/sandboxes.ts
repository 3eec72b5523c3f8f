/** What the sandbox runtime tells: a sandbox begins, a sandbox is gone. */
import type { SandboxBegun, SandboxEnded, SandboxesAnswer } from '@vitrine/schema/api';
import { sandboxRequest } from '../../pull/registration.ts';
import type { Route } from '../context.ts';

export const sandboxRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/sandboxes',
    summary: 'Sandboxes whose relay is being pulled, and how well.',
    handle(context) {
      context.may('sandbox.read');
      context.json<SandboxesAnswer>({ items: context.system.fleet.list() });
    },
  },
  {
    method: 'POST',
    path: '/v1/sandboxes',
    summary: 'Register a sandbox: {session?, description, relay: {socket, standing, mac_key}}.',
    async handle(context) {
      context.may('sandbox.manage');
      const request = sandboxRequest(await context.body());
      const session = await context.system.fleet.register(request);
      context.json<SandboxBegun>({ session }, 201);
    },
  },
  {
    method: 'POST',
    path: '/v1/sandboxes/:session/end',
    summary: 'The sandbox is gone: drain its relay and close; `whole`: nothing of it was lost.',
    async handle(context) {
      context.may('sandbox.manage', context.params.session);
      const session = context.params.session!;
      const whole = await context.system.fleet.end(session);
      context.json<SandboxEnded>({ session, state: 'closed', whole }, 202);
    },
  },
];
