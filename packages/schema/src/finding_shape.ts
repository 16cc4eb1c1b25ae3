import type { FieldValue, Finding } from './finding.ts';

/** Objects with the same fields in the same order, by the names of the fields: plugins have few sets of them. */
const shapes = new Map<string, Finding>();
const MAX_SHAPES = 1000;

/**
 * A finding with these fields.
 *
 * An object that got many fields one by one is a dictionary to V8, and copying one costs 80 times as much as copying an object whose
 * shape is known. So findings are copies of objects that were parsed at once, with other values.
 */
export function findingWith(fields: ReadonlyMap<string, FieldValue>): Finding {
  const finding: Finding = { ...shapeOf([...fields.keys()]) };
  for (const [field, value] of fields) finding[field] = value;
  return finding;
}

function shapeOf(fields: readonly string[]): Finding {
  const name = fields.join('\n');
  const known = shapes.get(name);
  if (known) return known;
  const shape: Finding = JSON.parse(`{${fields.map((field) => `${JSON.stringify(field)}:null`).join()}}`);
  if (shapes.size < MAX_SHAPES) shapes.set(name, shape); // the names come from documents
  return shape;
}
