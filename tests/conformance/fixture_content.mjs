// What the fixtures answer.
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
export const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
/** Of application/json. */
export const MIXED = '{"test":"data","value":123}';

/** The schema of no arguments. */
export const none = toStandardJsonSchema(v.object({}));

export const text = (words) => ({ content: [{ type: 'text', text: words }] });
export const image = { type: 'image', data: PNG, mimeType: 'image/png' };
export const embedded = (uri, mimeType, words) => ({
  type: 'resource',
  resource: { uri, mimeType, text: words },
});
export const say = (...content) => ({ messages: content.map((part) => ({ role: 'user', content: part })) });
