import assert from 'node:assert/strict';
import { Admission } from '../../../src/core/ai/review/admission.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import type { PreparedUnit } from '../../../src/core/ai/review/prepare.ts';
import { prepared, rawFinding } from './support.ts';

const FACTS = { now: 0, isGone: () => false };
const TEXT = 'function f() {\n  chargeOnce();\n  chargeTwice();\n}\n';

describe('admitting findings', () => {
  let unit: PreparedUnit;
  before(async () => {
    const [only] = await prepared({ path: 'a.ts', text: TEXT, hunks: diffHunks(TEXT.replace('Twice', 'Thrice'), TEXT, 3) });
    assert.ok(only);
    unit = only;
  });
  const model = (title: string, quote: string) => unit.placer.fromModel(rawFinding({ title, message: `${title}.`, quote }));
  const engine = (line: number) => unit.placer.fromEngine(rawFinding({ rule: 'r', line, quote: '' }));

  it('gives each an identifier of its own that another review gives it too', () => {
    const [one, two] = [new Admission([], [], FACTS), new Admission([], [], FACTS)];
    const first = one.admit(model('Alpha beta', '  chargeTwice();'), unit);
    const second = one.admit(model('Gamma delta', '  chargeTwice();'), unit);
    assert.ok(first && second && first.id !== second.id);
    assert.equal(two.admit(model('Gamma delta', '  chargeTwice();'), unit)?.id, first.id);
    assert.deepEqual(one.findings, [first, second]);
  });

  it('lets a repetition go, and what engines find beside the change, which it counts', () => {
    const admission = new Admission([], [], FACTS);
    assert.ok(admission.admit(engine(3), unit));
    assert.equal(admission.admit(engine(3), unit), undefined);
    assert.equal(admission.admit(engine(2), unit), undefined);
    assert.equal(admission.aside, 1);
    assert.ok(admission.admit(model('About context', '  chargeOnce();'), unit), 'a model may speak about what a change breaks');
  });

  it('keeps the dismissed apart', () => {
    const dismissal = { fingerprint: 'x', file: 'a.ts', rule: 'bug', symbol: 'f', quote: '  chargeTwice();', title: 't', reason: 'fine' };
    const admission = new Admission([], [dismissal], FACTS);
    assert.equal(admission.admit(model('Alpha beta', '  chargeTwice();'), unit), undefined);
    assert.deepEqual(admission.findings, []);
    assert.equal(admission.dismissed[0]?.reason, 'fine');
  });
});
