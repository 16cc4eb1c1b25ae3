import { LOCAL_CALLER } from '@nmcp/access';
import type { Services } from '../services.ts';

/**
 * Names of credentials whose targets overlap nothing that anybody who may use them may scan: a mistake in credentials.yaml or in
 * policy.yaml, since every scan with them is refused.
 */
export async function unreachableCredentials({
  credentials,
  policy,
  registry,
}: Pick<Services, 'credentials' | 'policy' | 'registry'>): Promise<string[]> {
  const found = await Promise.all(
    (await credentials.bound()).map(async ({ name, targets, pools, callers }) => {
      const uses = (pools ?? registry.pools()).flatMap((pool) =>
        (callers ?? [LOCAL_CALLER.name]).map((caller) => policy.reaches({ targets, pool, caller })),
      );
      const reached = await Promise.all(uses);
      return reached.length === 0 || reached.some(Boolean) ? [] : [name];
    }),
  );
  return found.flat();
}
