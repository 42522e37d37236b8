import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EVIDENCE_SCHEMA, type EvidenceBody, toRecord } from '../../../src/core/workflow/evidence.ts';
import { hasRepeatedKey } from '../../../src/core/workflow/verify/jsonKeys.ts';
import { type EvidenceEntry, readTracked, speakingRecords } from '../../../src/core/workflow/verify/records.ts';

const RUN = 'feat-x-123456';
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const body = (fields: Partial<EvidenceBody> = {}): EvidenceBody => ({
  schema: EVIDENCE_SCHEMA,
  run: RUN,
  step: 'a',
  stepDigest: digest('1'),
  workflowDigest: digest('2'),
  changeDigest: digest('3'),
  actor: { kind: 'human' },
  result: { outcome: 'done' },
  previous: null,
  ...fields,
});

function entry(of: EvidenceBody, fields: Partial<EvidenceEntry> = {}): EvidenceEntry {
  const { id, ...content } = toRecord(of);
  const text = JSON.stringify(content);
  return { path: `.handrail/evidence/${of.run}/${id.slice(7)}.json`, mode: '100644', size: text.length, text, ...fields };
}

describe('committed records', () => {
  it('are taken of this run, and checked wherever they lie', () => {
    const [own, other] = [entry(body()), entry(body({ run: 'feat-y-654321' }))];
    const read = readTracked([own, other], RUN);
    assert.deepEqual([read.records.map(({ step }) => step), read.bad], [['a'], []]);
    assert.equal(read.paths.get(toRecord(body()).id), own.path);
    assert.equal(readTracked([{ ...other, text: other.text?.replace('human', 'agent') ?? '' }], RUN).bad.length, 1);
  });

  it('are found out by any change of their text that means something, and by none that does not', () => {
    const good = entry(body({ provider: 'model', model: 'm', result: { outcome: 'done', exitCode: 0 } }));
    const text = good.text ?? '';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }), (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        const isSame = ((): boolean => {
          try {
            return JSON.stringify(JSON.parse(changed)) === JSON.stringify(JSON.parse(text));
          } catch {
            return false;
          }
        })();
        assert.equal(readTracked([{ ...good, text: changed }], RUN).bad.length, isSame ? 0 : 1, changed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are refused in any other form, place and kind, and notes beside them are let be', () => {
    const good = entry(body());
    const folder = `.handrail/evidence/${RUN}`;
    const detail = (fields: Partial<EvidenceEntry>): string => readTracked([{ ...good, ...fields }], RUN).bad[0]?.detail ?? '';
    assert.match(detail({ mode: '120000' }), /is a symbolic link/);
    assert.match(detail({ mode: '160000' }), /is a submodule/);
    assert.match(detail({ mode: '100755' }), /is an executable file/);
    assert.match(detail({ path: good.path.replace(RUN, `${RUN}/deeper`) }), /would count twice/);
    assert.match(detail({ path: good.path.replace('.json', '.JSON') }), /would count twice/);
    assert.match(detail({ path: `${folder}/code.js` }), /covered by no review/);
    assert.match(detail({ path: `${folder}/README.md`, size: 1_000_000 }), /covered by no review/);
    assert.match(detail({ path: '.handrail/evidence' }), /covered by no review/);
    for (const name of ['README.md', '.gitkeep', 'note.txt', 'README']) assert.equal(detail({ path: `${folder}/${name}` }), '');
    const { text: _text, ...unread } = good;
    assert.match(readTracked([{ ...unread, size: 1_000_000 }], RUN).bad[0]?.detail ?? '', /too large/);
    assert.match(readTracked([unread], RUN).bad[0]?.detail ?? '', /not UTF-8/);
    assert.match(readTracked([entry(body({ time: 1 }))], RUN).bad[0]?.detail ?? '', /holds a time/);
    assert.match(readTracked([entry(body({ result: { outcome: 'running' } }))], RUN).bad[0]?.detail ?? '', /never committed/);
    assert.match(detail({ text: good.text?.replace('{', '{"step":"b",') ?? '' }), /names a key twice/);
    const many = Array.from({ length: 20_001 }, () => ({ ...good, path: `${folder}/README.md` }));
    assert.match(readTracked(many, RUN).bad[0]?.detail ?? '', /more than 20000/);
  });

  it('never take down who reads them', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('100644', '100755', '120000', '160000'), fc.string(), (name, mode, text) => {
        const { records } = readTracked([{ path: `.handrail/evidence/${name}`, mode, size: text.length, text }], RUN);
        assert.deepEqual(records, []);
      }),
    );
  });

  it('speak for a step by being later, fresh, and the least that is said', () => {
    const first = toRecord(body());
    const second = toRecord(body({ previous: first.id, result: { outcome: 'reopened' } }));
    const stale = toRecord(body({ changeDigest: digest('9'), model: 'z' }));
    const failed = toRecord(body({ result: { outcome: 'failed' }, model: 'y' }));
    const fresh = ({ changeDigest }: EvidenceBody): boolean => changeDigest === digest('3');
    const speaks = (...records: ReturnType<typeof toRecord>[]) => speakingRecords(records, fresh).get('a')?.id;
    assert.equal(speaks(second, first), second.id);
    assert.equal(speaks(first, stale), first.id);
    assert.equal(speaks(stale, first), first.id);
    assert.equal(speaks(first, failed), failed.id);
    assert.equal(speaks(), undefined);
  });

  it('are suspicious when a key stands twice, at any depth', () => {
    assert.equal(hasRepeatedKey('{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}'), false);
    for (const text of ['{"a":1,"a":1}', '{"b":{"a":1,"a":2}}', '[{"a":1,"\\u0061":2}]']) assert.equal(hasRepeatedKey(text), true, text);
  });
});
