import { isIP } from 'node:net';
import * as v from 'valibot';

/** Case-insensitive text. */
export const lowerCase: v.TransformAction<string, string> = v.transform((text: string) => text.toLowerCase());

/** Comma-separated parts. */
export const list: v.GenericSchema<string, string[]> = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((part) => part.trim())),
  v.transform((parts) => parts.filter((part) => part !== '')),
);

/** An address, or a network in CIDR notation. */
export function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** `HOST:PORT`, or `redis://USER:PASSWORD@HOST:PORT`. */
export function isSentinel(text: string): boolean {
  const url = /^rediss?:\/\//.test(text) ? text : `redis://${text}`;
  return URL.canParse(url) && new URL(url).hostname !== '' && new URL(url).port !== '';
}

/** A number above 0. */
export const positive: v.GenericSchema<string, number> = v.pipe(
  v.string(),
  v.transform(Number),
  v.check((n) => n > 0, 'expected a number above 0'),
);

/** `true`, `false`, `1` or `0`. */
export const yesOrNo: v.GenericSchema<string, boolean> = v.pipe(
  v.string(),
  lowerCase,
  v.picklist(['true', 'false', '1', '0'], 'expected true or false'),
  v.transform((text) => text === 'true' || text === '1'),
);

/** A port number. */
export const port: v.GenericSchema<string, number> = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'expected a port number from 0 to 65535'),
  v.transform(Number),
  v.maxValue(65_535, 'expected a port number from 0 to 65535'),
);
