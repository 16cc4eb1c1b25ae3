/** Steps of a worker at which it can be killed: before and after every write and every call of a scan. */
export const STEPS = [
  'tasks.read',
  'tasks.change',
  'tasks.saveResults',
  'queue.claim',
  'queue.complete',
  'tasks.noteProgress',
  'registry.acquire',
  'scanner.describeScan',
  'scanner.createScan',
  'scanner.launch',
  'scanner.status',
  'scanner.exportResults',
].flatMap((call) => [`${call}:before`, `${call}:after`]);

/** An object whose methods tell when they are called and when they have answered. */
export function watched(object, prefix, hit) {
  return new Proxy(object, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args) => {
        hit(`${prefix}.${String(name)}:before`);
        const answer = value.apply(target, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((result) => {
          hit(`${prefix}.${String(name)}:after`);
          return result;
        });
      };
    },
  });
}
