import type { Tool } from './define_tool.ts';

/** Groups of tools that an operator can offer by themselves. */
export const TOOLSETS: readonly ['scan', 'results', 'infrastructure'] = ['scan', 'results', 'infrastructure'];

/** One of {@linkcode TOOLSETS}. */
export type Toolset = (typeof TOOLSETS)[number];

/** Which tools a server offers. */
export interface Offered {
  /** @default all */
  toolsets?: readonly string[] | undefined;
  /** Only tools that change nothing. @default false */
  readOnly?: boolean | undefined;
}

/** Whether a tool is offered. */
export function isOffered(tool: Tool, { toolsets, readOnly = false }: Offered = {}): boolean {
  if (readOnly && !tool.isReadOnly) return false;
  return toolsets === undefined || tool.toolsets.some((toolset) => toolsets.includes(toolset));
}
