import { z } from 'zod';
import type { YamlPath } from './locatedYaml.ts';

/** What a zod schema says about a file, for everything that has to explain a grammar instead of only checking by it. */

type Schema = z.core.$ZodType;

/** One of several values that may be written. */
export interface Choice {
  value: string | number | boolean;
  description?: string;
}

/** A key that a mapping may have. */
export interface GrammarKey {
  name: string;
  required: boolean;
  field: Field;
}

/** What may be written at a place. */
export interface Field {
  /** The grammar's own sentence. */
  description?: string;
  shape: Shape;
  /** What it was made from; absent where several options of a union were put together. */
  schema?: Schema;
}

export type Shape =
  | { type: 'mapping'; keys: readonly GrammarKey[] }
  /** A mapping whose keys are names that the author gives. */
  | { type: 'names'; value: () => Field }
  | { type: 'list'; item: () => Field }
  | { type: 'choice'; choices: readonly Choice[] }
  | { type: 'text' | 'number' | 'other' };

/** The field at a path. `root` is the file's data, by which a mapping of several kinds is told apart. Undefined where the grammar has nothing. */
export function fieldAt(schema: Schema, path: YamlPath, root: unknown): Field | undefined {
  let field: Field | undefined = fieldOf(schema, root);
  let value = root;
  for (const key of path) {
    value = childOf(value, key);
    field = field && inside(field, key, value);
  }
  return field;
}

function inside(field: Field, key: string | number, value: unknown): Field | undefined {
  const { shape } = field;
  if (shape.type === 'list') return reshaped(shape.item(), value);
  if (shape.type === 'names') return reshaped(shape.value(), value);
  const found = shape.type === 'mapping' ? shape.keys.find(({ name }) => name === key)?.field : undefined;
  return found && reshaped(found, value);
}

/** Fields made without a value are made again with it, because it can choose between several kinds of mappings. */
function reshaped(field: Field, value: unknown): Field {
  return field.schema ? fieldOf(field.schema, value) : field;
}

/** Everything a schema says about one place. `value` is what stands there. */
export function fieldOf(schema: Schema, value?: unknown): Field {
  const description = descriptionOf(schema);
  return { ...(description !== undefined && { description }), shape: shapeOf(schema, value), schema };
}

function descriptionOf(schema: Schema): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  return own ?? (isOptional(schema) ? descriptionOf(schema._zod.def.innerType) : undefined);
}

function isOptional(schema: Schema): schema is z.core.$ZodOptional {
  return schema._zod.def.type === 'optional';
}

function shapeOf(schema: Schema, value: unknown): Shape {
  if (isOptional(schema)) return shapeOf(schema._zod.def.innerType, value);
  const def: z.core.$ZodTypeDef = schema._zod.def;
  switch (def.type) {
    case 'object':
      return { type: 'mapping', keys: keysOf((def as z.core.$ZodObjectDef).shape) };
    case 'record': {
      const { valueType } = def as z.core.$ZodRecordDef;
      return { type: 'names', value: () => fieldOf(valueType) };
    }
    case 'array': {
      const { element } = def as z.core.$ZodArrayDef;
      return { type: 'list', item: () => fieldOf(element) };
    }
    case 'union':
      return shapeOfUnion(def as z.core.$ZodUnionDef, value);
    case 'enum':
      return choices(Object.values((def as z.core.$ZodEnumDef).entries));
    case 'literal':
      return choices((def as z.core.$ZodLiteralDef<z.core.util.Literal>).values);
    case 'boolean':
      return choices([true, false]);
    case 'string':
      return { type: 'text' };
    case 'number':
    case 'int':
      return { type: 'number' };
    default:
      return { type: 'other' };
  }
}

function choices(values: readonly unknown[]): Shape {
  const written = values.filter((value): value is Choice['value'] => ['string', 'number', 'boolean'].includes(typeof value));
  return { type: 'choice', choices: written.map((value) => ({ value })) };
}

function keysOf(shape: Readonly<Record<string, Schema>>): GrammarKey[] {
  return Object.entries(shape).map(([name, schema]) => ({ name, required: !isOptional(schema), field: fieldOf(schema) }));
}

/**
 * A union by discriminator is the option that the value chose. While it has chosen none, all keys of all options may come, required are
 * those that every option requires, and the discriminator is a choice that says what each option is.
 */
function shapeOfUnion(def: z.core.$ZodUnionDef, value: unknown): Shape {
  const discriminator = 'discriminator' in def && typeof def.discriminator === 'string' ? def.discriminator : undefined;
  if (discriminator === undefined) return { type: 'other' };
  const options = def.options.map((option) => ({ option, keys: keysOf(shapeOfObject(option)) }));
  const chosen = childOf(value, discriminator);
  const match = options.find(({ option }) => option._zod.propValues?.[discriminator]?.has(chosen as z.core.util.Primitive));
  const kinds = options.flatMap(({ option, keys }): Choice[] => {
    const shape = keys.find(({ name }) => name === discriminator)?.field.shape;
    const description = descriptionOf(option);
    return shape?.type === 'choice' ? shape.choices.map((one) => ({ ...one, ...(description !== undefined && { description }) })) : [];
  });
  const merged = new Map<string, GrammarKey>();
  for (const key of match ? match.keys : options.flatMap(({ keys }) => keys)) {
    const required = match ? key.required : options.every(({ keys }) => keys.some((one) => one.name === key.name && one.required));
    const field = key.name === discriminator ? discriminatorField(key.field, kinds) : key.field;
    if (!merged.has(key.name)) merged.set(key.name, { ...key, required, field });
  }
  return { type: 'mapping', keys: [...merged.values()] };
}

function discriminatorField({ description }: Field, kinds: readonly Choice[]): Field {
  return { ...(description !== undefined && { description }), shape: { type: 'choice', choices: kinds } };
}

function shapeOfObject(schema: Schema): Readonly<Record<string, Schema>> {
  const def: z.core.$ZodTypeDef = schema._zod.def;
  return def.type === 'object' ? (def as z.core.$ZodObjectDef).shape : {};
}

/** The child of plain data at a key, or undefined. */
export function childOf(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

/** The value at a path of plain data, or undefined. */
export function valueAt(root: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(childOf, root);
}
