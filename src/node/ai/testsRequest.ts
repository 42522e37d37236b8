import type { GenerateRequest } from '../../core/ai/generate/generation.ts';
import { testPlaceOf, type TestPlace } from '../../core/ai/generate/testPlace.ts';
import { HandrailError } from '../../core/errors.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import { knownFiles } from './generateInput.ts';
import { readIgnoreFile, skipReason } from './leftOut.ts';
import { repositoryAround } from './writingModel.ts';

/** Says by which means a project tests, where no test shows it. */
const MANIFESTS = [
  'package.json',
  'pyproject.toml',
  'Cargo.toml',
  'go.mod',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Gemfile',
  'composer.json',
];

export interface TestsRequest {
  request: GenerateRequest;
  place: TestPlace;
}

/**
 * What to ask for tests of one file: where they go, the file, and a test that shows how tests are written here. `more` is what the
 * person adds. Fails with `usage` for a test, and for a file whose language has no custom that is known; with `not-found`.
 */
export async function testsRequest(file: string, { root, more = '' }: { root: string; more?: string }): Promise<TestsRequest> {
  const files = workspaceFiles(root);
  if (!files.exists(file)) {
    throw new HandrailError('not-found', `There is no file ${file}.`, { hint: 'Check the path; it counts from the workspace folder.' });
  }
  const own = readIgnoreFile(files);
  const known = (await knownFiles(await repositoryAround(root))).filter(
    (path) => skipReason(path, new Set(), own) === undefined && files.exists(path),
  );
  const place = testPlaceOf(file, known);
  if (place === undefined) {
    throw new HandrailError('usage', `${file} is a test itself, or of a kind whose tests have no usual place.`, {
      hint: 'Name a source file, or say with an instruction what is to be tested and where.',
    });
  }
  const shown = place.example === undefined ? MANIFESTS.filter((path) => files.exists(path)).slice(0, 1) : [place.example];
  return {
    place,
    request: { instruction: instructionFor(file, place, more), files: [file, ...(place.exists ? [place.path] : []), ...shown] },
  };
}

function instructionFor(file: string, { path, exists, example }: TestPlace, more: string): string {
  const where = exists
    ? `Add what is missing to ${JSON.stringify(path)}, which has tests of it already; leave those as they are.`
    : `Put them into the new file ${JSON.stringify(path)}.`;
  const how =
    example === undefined
      ? "Use the project's own means of testing, as its files show."
      : `Write them as ${JSON.stringify(example)} is written: the same framework, imports and style.`;
  return [
    `Write tests for ${JSON.stringify(file)}. ${where} ${how}`,
    'Test behaviour that matters to whoever calls it: the usual case, limits, and what has to fail. A test must be able to fail. Change no other file. Where the code looks wrong, say so before the blocks instead of testing the mistake.',
    ...(more.trim() === '' ? [] : [`The person adds: ${more.trim()}`]),
  ].join('\n\n');
}
