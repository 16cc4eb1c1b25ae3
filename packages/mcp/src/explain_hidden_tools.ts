import type { McpServer } from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import { isOffered, type Services, whyNot } from '@nmcp/scans';
import { NmcpError } from '@nmcp/types';
import { errorBody } from './error_body.ts';
import { objectResult } from './tool_result.ts';
import { TOOLS } from './tools/mod.ts';

/**
 * Lets a call of a tool that a caller does not see, since its token has too small a scope, be answered with that: the SDK says
 * that there is no such tool. It is called before tools are registered, which is when the SDK sets its handler.
 */
export function explainHiddenTools({ server }: McpServer, services: Services, caller: Caller): void {
  const whyHidden = (name: string): string | undefined => {
    const tool = TOOLS.find(({ rules }) => rules.name === name);
    return tool && isOffered(services, tool) ? whyNot(services, caller, tool) : undefined;
  };
  const set = server.setRequestHandler.bind(server);
  server.setRequestHandler = ((method: string, handler: CallHandler) => {
    if (method !== 'tools/call') return set(method as 'tools/call', handler as never);
    const explaining: CallHandler = (request, context) => {
      const why = whyHidden(request.params.name);
      return why === undefined ? handler(request, context) : refusal(why);
    };
    return set('tools/call', explaining as never);
  }) as typeof server.setRequestHandler; // the SDK's own signatures, of which one method is looked at
}

type CallHandler = (request: { params: { name: string } }, context: unknown) => unknown;

function refusal(why: string): object {
  const body = errorBody(new NmcpError('policy_denied', why, { title: 'Not allowed' }));
  return { ...objectResult(body), isError: true };
}
