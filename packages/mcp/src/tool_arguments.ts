import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { parseInput } from '@nmcp/types';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/** What is used of the JSON Schema of an argument. */
interface ArgumentSchema {
  type?: string | string[];
  enum?: unknown[];
  minLength?: number;
  [keyword: string]: unknown;
}

interface ArgumentsSchema {
  properties: Record<string, ArgumentSchema>;
  required?: string[];
}

/** The arguments of a tool, as clients are told of them and as they send them. */
export interface ToolArguments<Input> {
  /** The schema that clients see; {@linkcode read} does the validation, so that wrong arguments get the same kind of answer as every other error. */
  readonly advertised: StandardSchemaWithJSON<unknown, unknown>;
  /**
   * Checks the arguments of a call. Models and v3.0's clients send every argument, so null is the same as absent, in filters
   * too, and where an argument is optional so are empty text and an empty list. Numbers, lists and objects may come as text.
   *
   * @throws {NmcpError} `invalid_input` saying which is wrong, and what was expected
   */
  read(args: unknown, tool: string): Input;
}

/** Makes the arguments of a tool from their schema. */
export function toolArguments<Input>(schema: GenericSchema<unknown, Input>): ToolArguments<Input> {
  const standard = toStandardJsonSchema(schema)['~standard'];
  // arguments of tools are objects
  const exact = standard.jsonSchema.input({ target: 'draft-2020-12' }) as unknown as ArgumentsSchema;
  const json = advertise(exact);
  return {
    advertised: {
      '~standard': {
        ...standard,
        jsonSchema: { input: () => json, output: () => json },
        validate: (value) => ({ value }),
      },
    },
    read: (args, tool) => parseInput(schema, readArguments(exact, args ?? {}), tool),
  };
}

/** MCP's own dialect of JSON Schema need not be named. */
function advertise({ properties, required = [] }: ArgumentsSchema): Record<string, unknown> {
  const entries = Object.entries(properties).map(([name, property]) => [
    name,
    required.includes(name) ? withoutLimits(property) : nullable(withoutLimits(property)),
  ]);
  return { type: 'object', properties: Object.fromEntries(entries), required, additionalProperties: false };
}

/** Limits are told in errors: OpenAI's strict mode does not take all of them, and numbers beyond them are clamped. */
const LIMITS = new Set([
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
  'propertyNames',
]);

function withoutLimits(property: ArgumentSchema): ArgumentSchema {
  return Object.fromEntries(Object.entries(property).filter(([keyword]) => !LIMITS.has(keyword)));
}

/**
 * Filters, the one object of any fields. OpenAI's strict mode closes objects, and takes only those that declare a property: there
 * a model has the declared one, or JSON text. The one that is declared has no conditions but true and false. As a list of types,
 * since LangChain keeps only one of `anyOf`.
 */
const OPEN_OBJECT = {
  type: ['object', 'string'],
  properties: { exploit_available: { type: ['boolean', 'null'] } },
};

function nullable({ type = 'string', additionalProperties, ...property }: ArgumentSchema): ArgumentSchema {
  const { type: types, ...object } = additionalProperties ? OPEN_OBJECT : { type };
  return {
    type: [types, 'null'].flat(),
    ...object,
    ...property,
    ...(property.enum ? { enum: [...property.enum, null] } : {}),
  };
}

function readArguments({ properties, required = [] }: ArgumentsSchema, args: unknown): unknown {
  if (!isObject(args)) return args;
  const given = Object.entries(withoutNulls(args)).filter(([name, value]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const mayBeEmpty = property === undefined || property.minLength === 0 || required.includes(name);
    return mayBeEmpty || !isEmpty(value);
  });
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      typeof value === 'string' && Object.hasOwn(properties, name)
        ? fromText(value, properties[name]?.type)
        : value,
    ]),
  );
}

/** What a text stands for, if another type is wanted; else the text, which the schema then complains about. */
function fromText(text: string, type: ArgumentSchema['type']): unknown {
  if (type === 'string' || text.trim() === '') return text;
  try {
    const value: unknown = JSON.parse(text);
    const isList = Array.isArray(value);
    if (type === 'array' || type === 'object')
      return isList === (type === 'array') && typeof value === 'object' ? withoutNulls(value) : text;
    return typeof value === (type === 'integer' ? 'number' : type) ? value : text;
  } catch {
    return text;
  }
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(value: unknown): Record<string, unknown>;
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(given.map(([name, each]) => [name, withoutNulls(each)]));
}
