import { parseTargets, type Target } from '@nmcp/types';
import type { SimulatedNetwork } from '../network/host.ts';
import { Refusal } from './refusal.ts';

/** Reads a scan's targets. @throws {Refusal} 400 when they are none, or more than the licence allows */
export function readTargets(text: string, network: SimulatedNetwork, maxTargets: number): Target[] {
  let targets: Target[];
  try {
    targets = parseTargets(text);
  } catch (error) {
    throw new Refusal(400, error instanceof Error ? error.message : String(error));
  }
  const size = network.size(targets);
  if (size > BigInt(maxTargets))
    throw new Refusal(400, `The scan has ${size} targets and the license allows ${maxTargets}`);
  return targets;
}
