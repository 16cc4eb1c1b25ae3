import { readFile } from 'node:fs/promises';
import { messageOf, NmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { type PolicyDocument, PolicyDocumentSchema } from './policy_rules.ts';

/**
 * Reads the text of policy.yaml.
 *
 * @throws {NmcpError} `invalid_config` naming file, line and field, and what would be right.
 *
 * @example
 * ```ts
 * import { parsePolicy } from '@nmcp/policy';
 *
 * const policy = parsePolicy('default:\n  allow: [10.0.0.0/8]\n  deny: [10.9.0.0/16]\n');
 * console.assert(policy.default?.deny?.length === 1);
 * ```
 */
export function parsePolicy(text: string, file = 'policy.yaml'): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number | undefined, why: string): NmcpError => {
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    return new NmcpError('invalid_config', `${file}${line}: ${why}`, { title: 'Invalid configuration' });
  };
  const [problem] = document.errors;
  if (problem) throw fail(problem.pos[0], problem.message);
  const content: unknown = document.toJS() ?? {};
  const result = v.safeParse(PolicyDocumentSchema, content);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map((item) => item.key as string | number); // of objects and lists
  const why = issue.expected === 'never' ? 'is not a setting of a policy' : issue.message;
  throw fail(offsetOf(document, path), `${path.join('.') || 'the file'}: ${why}`);
}

/** Reads policy.yaml from a file. @throws {NmcpError} `invalid_config`, also when there is no such file. */
export async function readPolicy(path: string): Promise<PolicyDocument> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new NmcpError('invalid_config', `The policy cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parsePolicy(text, path);
}

/** Where the node of a path begins, or the nearest above it that exists. */
function offsetOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === path[length - 1])
      : undefined;
    const node = pair ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}
