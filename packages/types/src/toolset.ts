/** Groups of operations that an operator can offer by themselves. */
export const TOOLSETS: readonly ['scan', 'results', 'inventory', 'infrastructure'] = [
  'scan',
  'results',
  'inventory',
  'infrastructure',
];

/** One of {@linkcode TOOLSETS}. */
export type Toolset = (typeof TOOLSETS)[number];
