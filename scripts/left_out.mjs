/** Not in the bundles, since they find files beside themselves: a compiled library, the beginning of a thread. */
export const LEFT_OUT = ['libsql', 'tinypool', 'pg-native'];
