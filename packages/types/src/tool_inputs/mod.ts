export * from './following.ts';
export * from './infrastructure.ts';
export * from './inventory.ts';
export * from './results.ts';
export * from './submitting.ts';
