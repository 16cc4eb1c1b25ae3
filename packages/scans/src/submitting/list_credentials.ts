import { hasScope } from '@nmcp/access';
import { type Operation, operation } from '../operation.ts';
import { visiblePools } from '../ownership.ts';

/** Names of the credentials that the caller may use in any pool, without the credentials themselves. */
export const listCredentials: Operation<Record<string, never>, string[]> = operation(
  { name: 'list_credentials', scope: 'scan', toolsets: ['scan'] },
  async ({ credentials, registry }, caller) => {
    if (!hasScope(caller, 'scan:credentials')) return [];
    const names = await Promise.all(
      visiblePools(registry, caller).map((pool) => credentials.names({ pool, caller: caller.name })),
    );
    return [...new Set(names.flat())].sort();
  },
);
