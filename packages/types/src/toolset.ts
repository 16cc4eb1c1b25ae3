/** Groups of operations that an operator can offer by themselves. */
export const TOOLSETS: readonly ['scan', 'results', 'infrastructure'] = ['scan', 'results', 'infrastructure'];

/** One of {@linkcode TOOLSETS}. */
export type Toolset = (typeof TOOLSETS)[number];
