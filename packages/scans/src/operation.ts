import { type Caller, hasScope, type Scope } from '@nmcp/access';
import { NmcpError, type Toolset } from '@nmcp/types';
import type { Services } from './services.ts';

/** Who may call an operation, and where it is offered. */
export interface OperationRules {
  /** The same on every frontend; the tool's name if there is a tool. */
  readonly name: string;
  /** The scope that a caller needs. */
  readonly scope: Scope;
  /** Groups that it belongs to. @default none, so that it is offered everywhere */
  readonly toolsets?: readonly Toolset[] | undefined;
  /** What it costs beside the call itself, in simple calls. @default 0 */
  readonly cost?: number | undefined;
  /** It changes something: a server that is read-only, or does not offer its groups, rejects it. @default false */
  readonly changes?: boolean | undefined;
}

/** Something that a caller may do with scans. */
export interface Operation<Input, Output> {
  /**
   * @param signal aborts the call when the caller has gone
   * @throws {NmcpError} `policy_denied` for a caller without the scope, and where a server does not offer it;
   *   `too_many_requests`
   */
  (services: Services, caller: Caller, input: Input, signal?: AbortSignal): Promise<Output>;
  readonly rules: OperationRules;
}

const NEVER = new AbortController().signal;

/** Makes an operation. The checks that apply to every caller are here, once. */
export function operation<Input, Output>(
  rules: OperationRules,
  run: (services: Services, caller: Caller, input: Input, signal: AbortSignal) => Promise<Output>,
): Operation<Input, Output> {
  const call = async (
    services: Services,
    caller: Caller,
    input: Input,
    signal: AbortSignal = NEVER,
  ): Promise<Output> => {
    const refusal = whyNot(services, caller, { rules });
    if (refusal !== undefined) throw new NmcpError('policy_denied', refusal, { title: 'Not allowed' });
    const { account } = services;
    const end = account.open(caller, 'calls');
    try {
      if (rules.cost) await account.charge(caller, rules.cost);
      return await run(services, caller, input, signal);
    } finally {
      end();
    }
  };
  return Object.assign(call, { rules });
}

/** Whether a caller may call an operation here; frontends show only those. */
export function mayCall(
  services: Pick<Services, 'readOnly' | 'toolsets'>,
  caller: Caller,
  operation: { rules: OperationRules },
): boolean {
  return whyNot(services, caller, operation) === undefined;
}

/** Whether a server offers the groups of an operation as tools. */
export function isOffered(
  { toolsets: offered }: Pick<Services, 'toolsets'>,
  { rules: { toolsets } }: { rules: OperationRules },
): boolean {
  return !offered || !toolsets || toolsets.some((toolset) => offered.includes(toolset));
}

/** Why a caller may not call an operation here; `undefined` where it may. */
export function whyNot(
  services: Pick<Services, 'readOnly' | 'toolsets'>,
  caller: Caller,
  { rules }: { rules: OperationRules },
): string | undefined {
  const { name, scope, changes = false } = rules;
  // a session may have been opened with a token of more scopes
  if (!hasScope(caller, scope)) return `${name} needs the scope ${scope}, which your token does not have`;
  if (!changes) return undefined;
  if (services.readOnly) return `This server is read-only, so it does not offer ${name}`;
  return isOffered(services, { rules }) ? undefined : `This server does not offer ${name}`;
}
