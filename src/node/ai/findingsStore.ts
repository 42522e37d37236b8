import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SEVERITIES, type Finding } from '../../core/ai/finding.ts';
import { HandrailError } from '../../core/errors.ts';
import { unsafePath } from '../../core/workflow/paths.ts';
import { writeFileAtomic } from '../atomicFile.ts';

/** A finding with the enclosing symbol and fingerprint it had, which a later dismissal needs. */
export interface StoredFinding {
  finding: Finding;
  symbol: string;
  fingerprint: string;
}

/** The findings of the last reviews of one worktree, in one file that is replaced as a whole. */
export interface FindingsStore {
  read(): Promise<StoredFinding[]>;
  /** Remembers a review's findings, and forgets those of earlier ones that it takes the place of. */
  replace(found: readonly StoredFinding[], isReplaced: (earlier: StoredFinding) => boolean): Promise<void>;
}

const SCHEMA = 'handrail.findings/1';

const line = z.int().positive();
const findingSchema = z.object({
  id: z.string(),
  file: z.string(),
  startLine: line.optional(),
  endLine: line.optional(),
  severity: z.enum(SEVERITIES),
  category: z.string(),
  title: z.string(),
  message: z.string(),
  quote: z.string(),
  symbol: z.string().optional(),
  source: z.enum(['model', 'builtin']),
  rule: z.string().optional(),
  anchor: z.object({ status: z.enum(['exact', 'moved', 'fuzzy', 'unanchored']), confidence: z.number() }),
  onUnchangedCode: z.boolean().optional(),
  outsideSelection: z.boolean().optional(),
  fix: z.object({ edits: z.array(z.object({ file: z.string(), startLine: line, endLine: line, newText: z.string() })) }).optional(),
});
const fileSchema = z.object({
  schema: z.literal(SCHEMA),
  findings: z.array(z.object({ finding: findingSchema, symbol: z.string(), fingerprint: z.string() })),
});

/** The file lies beside git's own data, and a copied folder brings such data along: a fix must not reach another file. */
function staysInItsFile({ file, fix }: Finding): boolean {
  return unsafePath(file) === undefined && (fix?.edits ?? []).every((edit) => edit.file === file);
}

export function createFindingsStore(path: string): FindingsStore {
  const read = async (): Promise<StoredFinding[]> => {
    try {
      // The schema's optional keys are absent or set, never `undefined`: the file is JSON.
      const { findings } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))) as { findings: StoredFinding[] };
      return findings.filter(({ finding }) => staysInItsFile(finding));
    } catch {
      // Missing, or written by another version: the next review writes it anew.
      return [];
    }
  };
  return {
    read,
    async replace(found, isReplaced) {
      const ids = new Set(found.map((stored) => stored.finding.id));
      const kept = (await read()).filter((earlier) => !ids.has(earlier.finding.id) && !isReplaced(earlier));
      const content = `${JSON.stringify({ schema: SCHEMA, findings: [...kept, ...found] })}\n`;
      try {
        await writeFileAtomic(path, content);
      } catch (cause) {
        throw new HandrailError('io', `The findings could not be remembered in ${path}.`, { hint: 'Make the folder writable.', cause });
      }
    },
  };
}
