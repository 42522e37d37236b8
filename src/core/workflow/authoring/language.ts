import type { z } from 'zod';
import { modelsSchema } from '../../ai/models/config.ts';
import { dismissalsSchema } from '../../ai/review/dismissalsFile.ts';
import { teamSchema } from '../../team/teamFile.ts';
import { childOf } from '../../yaml/grammar.ts';
import { overlaySchema, workflowSchema } from '../schema.ts';

/** The languages of the files under `.handrail/`. */
export type Language = 'workflow' | 'models' | 'dismissals' | 'telemetry';

/** Which language a path of the workspace is written in, if any. */
export function languageOf(path: string): Language | undefined {
  if (/^\.handrail\/workflows\/(?:[^/]+\/)*[^/]+\.ya?ml$/.test(path)) return 'workflow';
  if (path === '.handrail/models.yml') return 'models';
  if (path === '.handrail/telemetry.yml') return 'telemetry';
  return path === '.handrail/dismissals.yml' ? 'dismissals' : undefined;
}

/** The grammar of a file; a workflow that extends others may leave out what those have. */
export function grammarFor(language: Language, value: unknown): z.core.$ZodType {
  if (language === 'models') return modelsSchema;
  if (language === 'dismissals') return dismissalsSchema;
  if (language === 'telemetry') return teamSchema;
  return Array.isArray(childOf(value, 'extends')) ? overlaySchema : workflowSchema;
}

/** What a value means beyond its type: what it refers to, and so what can be offered, shown and gone to. */
export type Meaning =
  | 'step-id'
  | 'step'
  | 'role'
  | 'expression'
  | 'variable'
  | 'file'
  | 'glob'
  | 'prompt'
  | 'document'
  | 'workflow-file'
  | 'branch-glob'
  | 'approver'
  | 'model'
  | 'model-name';

const MEANINGS: Readonly<Record<Language, Readonly<Record<string, Meaning>>>> = {
  workflow: {
    'on/branches/*': 'branch-glob',
    'extends/*': 'workflow-file',
    'vars/*': 'expression',
    'steps/*/id': 'step-id',
    'steps/*/needs/*': 'step',
    'steps/*/independent-of/*': 'step',
    'steps/*/role': 'role',
    'steps/*/when': 'expression',
    'steps/*/prompt': 'prompt',
    'steps/*/learn': 'document',
    'steps/*/inputs/*': 'glob',
    'steps/*/protects/*': 'glob',
    'steps/*/expect/*/file': 'file',
    'steps/*/expect/*/changed': 'glob',
    'steps/*/by/any-of/*': 'approver',
    'steps/*/by/not/*': 'approver',
    'waive/by/any-of/*': 'approver',
    'waive/by/not/*': 'approver',
  },
  models: {
    'models/*/fallback/*': 'model',
    'roles/*': 'model',
  },
  dismissals: {
    'dismissals/*/file': 'file',
  },
  telemetry: {},
};

/** Meaning of the value at a path; undefined for plain text and numbers. */
export function meaningOf(language: Language, path: readonly (string | number)[]): Meaning | undefined {
  const meanings = MEANINGS[language];
  const found = Object.keys(meanings).find((pattern) => matchesPath(pattern, path));
  return found === undefined ? undefined : meanings[found];
}

/** Whether a path fits a pattern, in which a star stands for any key or index. */
export function matchesPath(pattern: string, path: readonly (string | number)[]): boolean {
  const parts = pattern.split('/');
  return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
}
