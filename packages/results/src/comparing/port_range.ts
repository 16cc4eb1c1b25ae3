interface PortRange {
  /** `T` or `U`; empty for both. */
  letter: string;
  first: number;
  last: number;
}

/** Settings that were read; a scanner has a few. */
const known = new Map<string, readonly PortRange[]>();
const MOST_KNOWN = 100;

/** Whether a port is among those of Nessus's `port_range`, such as `1-1024,8080,T:443,U:53`; without a letter it is of both protocols. */
export function isInPortRange(setting: string, port: number, protocol: string): boolean {
  const ranges = known.get(setting) ?? readRanges(setting);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(setting, ranges);
  const letter = protocol === 'udp' ? 'U' : 'T';
  return ranges.some(
    (range) => port >= range.first && port <= range.last && (range.letter === '' || range.letter === letter),
  );
}

function readRanges(setting: string): PortRange[] {
  let letter = '';
  return setting.split(',').flatMap((entry) => {
    const [, named, first, last] = /^\s*(?:([TU]):)?(\d+)(?:-(\d+))?\s*$/i.exec(entry) ?? [];
    if (named !== undefined) letter = named.toUpperCase();
    return first === undefined ? [] : [{ letter, first: Number(first), last: Number(last ?? first) }];
  });
}
