import { z } from 'zod';
import { dismissalsSchema } from '../ai/review/dismissalsFile.ts';
import { modelsSchema } from '../ai/models/config.ts';
import { EXPECTATION_KEYS, overlaySchema, workflowSchema } from './schema.ts';

/** JSON Schemas (draft 2020-12) for YAML tooling outside, generated from the grammar that our own diagnostics come from. */

export type JsonSchema = Record<string, unknown>;

/** A workflow that stands alone, or one that extends others and may leave keys of its steps out. */
export function workflowJsonSchema(): JsonSchema {
  const { $schema, ...alone } = toJsonSchema(workflowSchema);
  const { $schema: _same, ...overlay } = toJsonSchema(overlaySchema);
  return { $schema, title: 'Handrail workflow', if: { required: ['extends'] }, then: overlay, else: alone };
}

export function modelsJsonSchema(): JsonSchema {
  return { ...toJsonSchema(modelsSchema), title: 'Handrail models' };
}

export function dismissalsJsonSchema(): JsonSchema {
  return { ...toJsonSchema(dismissalsSchema), title: 'Handrail dismissals' };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    override({ jsonSchema }) {
      // That an expectation has exactly one of its keys is a refinement, which the conversion leaves out.
      if (!jsonSchema.properties || !('coverage-receipt' in jsonSchema.properties)) return;
      jsonSchema.oneOf = EXPECTATION_KEYS.map((key) => ({ required: [key] }));
      jsonSchema['dependentRequired'] = { sections: ['file'] };
    },
  });
}
