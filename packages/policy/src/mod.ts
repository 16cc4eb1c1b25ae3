/**
 * What may be scanned, decided arithmetically: no network is ever expanded.
 *
 * @module
 */
export { AddressSet, type Span } from './address_set.ts';
export { isTargetRule } from './bound_targets.ts';
export { CompiledRules, type Refusal } from './compiled_rules.ts';
export { lookUpFacts } from './look_up_facts.ts';
export { PRIVATE_NETWORKS } from './networks.ts';
export {
  type ApprovalRules,
  type Approver,
  type PolicyDocument,
  type PolicyRules,
  type ScanWindow,
  WEEKDAYS,
  type Weekday,
} from './policy_rules.ts';
export type {
  Admission,
  ApprovalNeed,
  LookedUp,
  PolicyLimits,
  ScanPolicy,
  ScanPolicyOptions,
  ScanQuestion,
  UnknownName,
} from './policy_types.ts';
export { parsePolicy, readPolicy } from './read_policy.ts';
export { type Resolve, resolveWithDns } from './resolve_with_dns.ts';
export { createScanPolicy } from './scan_policy.ts';
