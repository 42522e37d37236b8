import assert from 'node:assert/strict';
import { z } from 'zod';
import { toSarif } from '../../../src/core/ai/review/sarif.ts';
import { finding } from './support.ts';

/**
 * The part of SARIF 2.1.0 that is written here, by the schema of the standard: its names, what it requires and what it allows. Strict, as
 * the standard's own is: a name that it does not know makes the log invalid.
 */
const message = z.strictObject({ text: z.string().min(1) });
const line = z.int().min(1);
const artifactLocation = z.strictObject({ uri: z.string().regex(/^[\w\-.~!$&'()*+,;=:@%/]+$/), uriBaseId: z.string() });
const region = z.strictObject({
  startLine: line,
  endLine: line,
  startColumn: line.optional(),
  endColumn: line.optional(),
  snippet: z.strictObject({ text: z.string() }).optional(),
});
const location = z.strictObject({ physicalLocation: z.strictObject({ artifactLocation, region: region.optional() }) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const fix = z.strictObject({
  description: message,
  artifactChanges: z
    .array(
      z.strictObject({
        artifactLocation,
        replacements: z.array(z.strictObject({ deletedRegion: region, insertedContent: z.strictObject({ text: z.string() }) })).min(1),
      }),
    )
    .min(1),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(0),
  level,
  message,
  locations: z.array(location),
  partialFingerprints: z.record(z.string(), z.string()),
  fixes: z.array(fix).optional(),
  suppressions: z
    .array(
      z.strictObject({
        kind: z.enum(['inSource', 'external']),
        status: z.enum(['accepted', 'underReview', 'rejected']),
        justification: z.string(),
      }),
    )
    .optional(),
  properties: z.looseObject({}),
});
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string(),
          properties: z.looseObject({}),
          rules: z.array(
            z.strictObject({ id: z.string(), shortDescription: message, properties: z.looseObject({ tags: z.array(z.string()) }) }),
          ),
        }),
      }),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(z.strictObject({ level, message, locations: z.array(location).optional() })),
        }),
      ),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      originalUriBaseIds: z.record(z.string(), z.strictObject({ description: message })),
      results: z.array(result),
    }),
  ),
});

const withFix = finding({ file: 'src/a b%é.js', fix: { edits: [{ file: 'src/a b.js', startLine: 2, endLine: 3, newText: 'x' }] } });
const { startLine: _, endLine: __, ...unplaced } = finding({ id: 'id2', rule: 'biome/x', source: 'builtin', severity: 'info' });
const review: Parameters<typeof toSarif>[0] = {
  model: 'reviewer',
  findings: [withFix, unplaced],
  dismissed: [
    { id: 'id3', reason: 'on purpose', finding: finding({ id: 'id3', category: 'security', severity: 'critical' }) },
    { id: 'id4', reason: 'of an older version' },
  ],
  coverage: [
    { file: 'src/pay.js', status: 'full' },
    { file: 'src/long.js', status: 'partial', reason: 'the answer was cut off' },
    { file: 'logo.png', status: 'skipped', reason: 'binary' },
  ],
  notices: ['The answer was cut off; the findings up to there are kept.'],
};

describe('SARIF', () => {
  const log = toSarif(review, '1.2.3');
  const [run] = log.runs;
  const results = run?.results ?? [];

  it('has the shape of the standard, with findings and without', () => {
    sarif.parse(JSON.parse(JSON.stringify(log)));
    sarif.parse(JSON.parse(JSON.stringify(toSarif({ model: 'builtin', findings: [], dismissed: [], coverage: [], notices: [] }, '1.2.3'))));
  });

  it('names rules, places and fixes', () => {
    assert.deepEqual(
      run?.tool.driver.rules.map((rule) => rule.id),
      ['biome/x', 'model/bug', 'model/security'],
    );
    for (const { ruleId, ruleIndex } of results) assert.equal(run?.tool.driver.rules[ruleIndex]?.id, ruleId);
    const [first, second] = results;
    assert.deepEqual(first?.locations[0], {
      physicalLocation: {
        artifactLocation: { uri: 'src/a%20b%25%C3%A9.js', uriBaseId: 'ROOT' },
        region: { startLine: 2, endLine: 2, snippet: { text: '  if (a = 0) return;' } },
      },
    });
    assert.deepEqual(first?.fixes?.[0]?.artifactChanges[0]?.replacements, [
      { deletedRegion: { startLine: 2, startColumn: 1, endLine: 4, endColumn: 1 }, insertedContent: { text: 'x\n' } },
    ]);
    assert.deepEqual(second?.locations[0]?.physicalLocation, { artifactLocation: { uri: 'src/pay.js', uriBaseId: 'ROOT' } });
    assert.deepEqual(
      results.map((one) => [one.level, one.partialFingerprints['handrailFinding/v1']]),
      [
        ['error', 'id1'],
        ['note', 'id2'],
        ['error', 'id3'],
      ],
    );
  });

  it('says what was dismissed, and why', () => {
    const suppressed = results.filter((one) => 'suppressions' in one);
    assert.deepEqual(
      suppressed.map((one) => [one.partialFingerprints['handrailFinding/v1'], one.suppressions]),
      [['id3', [{ kind: 'external', status: 'accepted', justification: 'on purpose' }]]],
    );
  });

  it('says what was not read in full', () => {
    const told = run?.invocations[0]?.toolExecutionNotifications.map((one) => `${one.level} ${one.message.text}`);
    assert.deepEqual(told, [
      'warning src/long.js was read in part: the answer was cut off.',
      'note logo.png was not read: binary.',
      'note The answer was cut off; the findings up to there are kept.',
    ]);
  });
});
