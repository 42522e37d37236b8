import { z } from 'zod';
import { dismissalsSchema } from '../ai/review/dismissalsFile.ts';
import { modelsSchema } from '../ai/models/config.ts';
import { teamSchema } from '../team/teamFile.ts';
import type { Language } from './authoring/language.ts';
import { EXPECTATION_KEYS, overlaySchema, workflowSchema } from './schema.ts';

/**
 * JSON Schemas for YAML tooling outside, generated from the grammar that our own diagnostics come from. Draft 07, which every such tool
 * reads.
 */

type JsonSchema = Record<string, unknown>;

export function jsonSchemas(): Readonly<Record<string, JsonSchema>> & Readonly<Record<Language, JsonSchema>> {
  return {
    workflow: workflowJsonSchema(),
    models: { ...toJsonSchema(modelsSchema), title: 'Handrail models' },
    dismissals: { ...toJsonSchema(dismissalsSchema), title: 'Handrail dismissals' },
    telemetry: { ...toJsonSchema(teamSchema), title: 'Handrail telemetry of a team' },
  };
}

/** A workflow that stands alone, or one that extends others and may leave keys of its steps out. */
function workflowJsonSchema(): JsonSchema {
  const { $schema, ...alone } = toJsonSchema(workflowSchema);
  const { $schema: _same, ...overlay } = toJsonSchema(overlaySchema);
  return { $schema, title: 'Handrail workflow', if: { required: ['extends'] }, then: overlay, else: alone };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    override({ jsonSchema }) {
      // That an expectation has exactly one of its keys is a refinement, which the conversion leaves out.
      if (!jsonSchema.properties || !('coverage-receipt' in jsonSchema.properties)) return;
      jsonSchema.oneOf = EXPECTATION_KEYS.map((key) => ({ required: [key] }));
      jsonSchema['dependencies'] = { sections: ['file'] };
    },
  });
}
