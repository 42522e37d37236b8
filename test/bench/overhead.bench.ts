import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { Tiktoken } from 'js-tiktoken/lite';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { packRequests, partsOf, pieceLimit } from '../../src/core/ai/review/budget.ts';
import type { ReviewUnit } from '../../src/core/ai/review/collect.ts';
import { framePrompt } from '../../src/core/ai/review/frame.ts';
import { diffHunks } from '../../src/core/ai/review/hunks.ts';
import type { Piece } from '../../src/core/ai/review/pieces.ts';
import { estimateTokens } from '../../src/core/ai/review/tokens.ts';
import { repositoryVersions, type Version } from './anchorCases.ts';
import type { Measurement } from './benchmark.ts';

/**
 * Tokens of what is sent about the commits of this repository, besides the fixed instructions, over the tokens of the same lines as a
 * unified diff without numbers; what other ways to number them cost; and what the surroundings of a change (its function, a small file
 * whole) cost over a diff with eight lines of context. Counted with the o200k vocabulary, and beside it what our own estimate says
 * before anything is sent.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const COMMITS = 120;
const CONTEXT = 8;
const BUDGET = { tokensPerRequest: 24_000, maxRequests: 1000 };

const encoder = new Tiktoken(o200k);
const tokens = (text: string): number => encoder.encode(text, [], []).length;

/** Ways to write a diff with line numbers, one line each. */
const NUMBERINGS: Record<string, (row: Piece['rows'][number], width: number) => string> = {
  '`N|`': ({ line, mark, text }) => `${line ?? ''}|${mark}${text}`,
  '`/* Line N */`': ({ line, mark, text }) => `${mark}${line === undefined ? '' : `/* Line ${line} */ `}${text}`,
  'padded number': ({ line, mark, text }, width) => `${String(line ?? '').padStart(width)}${mark}${text}`,
};

export function run(): Promise<Measurement[]> {
  const commits = Map.groupBy(repositoryVersions(ROOT, COMMITS), ({ commit = '' }) => commit);
  const sums: Record<string, number> = {};
  const add = (name: string, value: number): void => void (sums[name] = (sums[name] ?? 0) + value);
  for (const versions of commits.values()) {
    const units = versions.map(unitOf);
    add('diff', tokens(versions.map(rawDiff).join('')));
    for (const pieces of packRequests(partsOf(units, pieceLimit(BUDGET.tokensPerRequest)), BUDGET).requests) {
      const prompt = prompted(pieces);
      add('raw', tokens(pieces.map(rawPiece).join('')));
      add('framed', tokens(prompt) - tokens(prompted([])));
      add('estimated', estimateTokens(prompt));
      add('counted', tokens(prompt));
      for (const [name, write] of Object.entries(NUMBERINGS)) add(name, tokens(pieces.map((piece) => numbered(piece, write)).join('\n')));
    }
  }
  const over = (name: string): number => 100 * ((sums[name] ?? 0) / (sums['raw'] ?? 1) - 1);
  const label = `${commits.size} commits, ${sums['raw']} tokens of diff`;
  return Promise.resolve([
    ...Object.keys(NUMBERINGS).map((name) => ({
      name: label,
      metric: `overhead, ${name} alone`,
      value: over(name),
      unit: '%',
      baseline: null,
    })),
    {
      name: label,
      metric: 'overhead, the whole prompt besides the fixed instructions',
      value: over('framed'),
      unit: '%',
      baseline: over('padded number'),
    },
    {
      name: label,
      metric: 'surroundings of the changes, over eight lines of context',
      value: 100 * ((sums['raw'] ?? 0) / (sums['diff'] ?? 1) - 1),
      unit: '%',
      baseline: 0,
    },
    {
      name: label,
      metric: 'estimated tokens over counted ones',
      value: 100 * ((sums['estimated'] ?? 0) / (sums['counted'] ?? 1) - 1),
      unit: '%',
      baseline: 0,
    },
  ]);
}

function unitOf({ oldText, newText, path: file = '' }: Version): ReviewUnit {
  return { path: file, text: newText, hunks: diffHunks(oldText, newText, CONTEXT) };
}

function rawDiff({ oldText, newText, path: file = '' }: Version): string {
  return createTwoFilesPatch(`a/${file}`, `b/${file}`, oldText, newText, undefined, undefined, { context: CONTEXT });
}

/** The piece as `git diff` would print it with that much context. */
function rawPiece({ path: file, rows, symbol }: Piece): string {
  const first = rows.find(({ line }) => line !== undefined)?.line ?? 1;
  const count = (without: string): number => rows.filter(({ mark }) => mark !== without).length;
  const head = `--- a/${file}\n+++ b/${file}\n@@ -${first},${count('+')} +${first},${count('-')} @@ ${symbol}\n`;
  return `${head}${rows.map(({ mark, text }) => `${mark}${text}\n`).join('')}`;
}

function prompted(pieces: readonly Piece[]): string {
  const input = { pieces, scope: 'branch' as const, known: [], dismissed: [], instructions: '', rules: '', hasRedactions: false };
  const { system, user } = framePrompt(input, () => 'DATA-x7Jp2mQ9rT4v');
  return `${system}\n\n${user}`;
}

function numbered({ rows, path: file }: Piece, write: (typeof NUMBERINGS)[string]): string {
  const width = Math.max(...rows.map((row) => String(row.line ?? '').length));
  return `${file}\n${rows.map((row) => write(row, width)).join('\n')}`;
}
