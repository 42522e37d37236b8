import assert from 'node:assert/strict';
import { consentState, environmentForbids, parseConsent } from '../../../src/core/telemetry/consent.ts';
import { changedFields, fieldDigests } from '../../../src/core/telemetry/digest.ts';

const CATALOGUE = 'sha256:aa';
const given = { version: 1, recording: true, day: '2026-11-22', catalogue: CATALOGUE };
const stored = (value: unknown) => parseConsent(typeof value === 'string' ? value : JSON.stringify(value));
const state = (value: unknown, forbidden?: 'editor' | 'environment') => consentState(stored(value), { catalogue: CATALOGUE, forbidden });

describe('consent', () => {
  it('allows recording only when it was given, for this catalogue, and nothing forbids it', () => {
    assert.deepEqual(state(given), { recording: true, since: '2026-11-22' });
    assert.deepEqual(state({ ...given, recording: false }), { recording: false, because: 'off', since: '2026-11-22' });
    assert.deepEqual(state({ ...given, catalogue: 'sha256:bb' }), { recording: false, because: 'catalogue-changed', since: '2026-11-22' });
    for (const forbidden of ['editor', 'environment'] as const) {
      assert.deepEqual(state(given, forbidden), { recording: false, because: 'forbidden', forbidden, since: '2026-11-22' });
      assert.equal(consentState({ kind: 'none' }, { catalogue: CATALOGUE, forbidden }).recording, false);
    }
    assert.deepEqual(consentState({ kind: 'none' }, { catalogue: CATALOGUE, forbidden: undefined }), {
      recording: false,
      because: 'never-on',
    });
  });

  for (const [what, value] of Object.entries<unknown>({
    'an empty file': '',
    'half a file': JSON.stringify(given).slice(0, 20),
    'no object': 'true',
    null: null,
    'a list': [given],
    'recording that is no boolean': { ...given, recording: 'true' },
    'a number for recording': { ...given, recording: 1 },
    'no version': { ...given, version: undefined },
    'a version that is a text': { ...given, version: '1' },
    'version 0': { ...given, version: 0 },
    'a day that is none': { ...given, day: 'yesterday' },
    'a day before there was telemetry': { ...given, day: '1970-01-01' },
    'no catalogue': { ...given, catalogue: undefined },
    'fields that are none': { ...given, fields: { day: 1 } },
    'a list of fields': { ...given, fields: ['day'] },
  })) {
    it(`is damaged and off: ${what}`, () => assert.deepEqual(state(value), { recording: false, because: 'damaged' }));
  }

  it('names what is new or different since it was given, where it kept that', () => {
    const { day: _day, team: _team, ...rest } = fieldDigests();
    const before = { ...given, catalogue: 'sha256:bb', fields: { ...rest, team: 'another', gone: 'x' } };
    const paused = { recording: false, because: 'catalogue-changed', since: '2026-11-22' };
    const surroundings = { catalogue: CATALOGUE, forbidden: undefined, changed: changedFields };
    assert.deepEqual(consentState(stored(before), surroundings), { ...paused, changed: ['day', 'team'] });
    assert.deepEqual(consentState(stored({ ...before, fields: undefined }), surroundings), paused);
    assert.deepEqual(consentState(stored({ ...given, fields: fieldDigests() }), surroundings), { recording: true, since: '2026-11-22' });
    assert.deepEqual(changedFields(fieldDigests()), []);
  });

  it('of a later version is off and says so', () => {
    assert.deepEqual(state({ ...given, version: 2 }), { recording: false, because: 'newer' });
    assert.deepEqual(state({ version: 99, anything: 'else' }), { recording: false, because: 'newer' });
  });

  it('cannot be overruled by the environment but to forbid it', () => {
    for (const env of [
      { HANDRAIL_TELEMETRY: 'off' },
      { HANDRAIL_TELEMETRY: ' OFF ' },
      { HANDRAIL_TELEMETRY: '0' },
      { DO_NOT_TRACK: '1' },
      { DO_NOT_TRACK: 'yes' },
    ]) {
      assert.equal(environmentForbids(env), true, JSON.stringify(env));
    }
    for (const env of [
      {},
      { HANDRAIL_TELEMETRY: 'on' },
      { HANDRAIL_TELEMETRY: '' },
      { DO_NOT_TRACK: '0' },
      { DO_NOT_TRACK: '' },
      { DO_NOT_TRACK: 'false' },
    ]) {
      assert.equal(environmentForbids(env), false, JSON.stringify(env));
    }
  });
});
