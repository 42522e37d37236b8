import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { telemetryFiles } from '../../../scripts/telemetryFiles.mjs';
import { FIELDS, type Field } from '../../../src/core/telemetry/catalogue.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { RECORDED_DIGEST, registryDigest, registryEntries } from '../../../src/core/telemetry/digest.ts';

describe('the telemetry catalogue', () => {
  for (const [file, text] of Object.entries(telemetryFiles())) {
    it(`is what ${file} says`, () => {
      const written = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
      assert.equal(written, text, 'run node scripts/telemetryDocs.mjs');
    });
  }

  it('says of every field why it is recorded and until when', () => {
    for (const [name, field] of Object.entries<Field>(FIELDS)) {
      assert.match(field.purpose, /^[A-Z].{10,}\.$/s, name);
      assert.match(field.expires, /^20\d\d-\d\d-\d\d$/, name);
    }
  });

  it('has a way out in every enumeration that comes from outside', () => {
    for (const [name, field] of Object.entries<Field>(FIELDS)) if (field.kind === 'value') assert.ok(field.values.includes('other'), name);
  });

  it('lists every counter once, with an exclusion on both sides', () => {
    const byName = new Map(COUNTERS.map((counter) => [counter.name, counter]));
    assert.equal(byName.size, COUNTERS.length);
    for (const { name, excludes } of COUNTERS) {
      for (const other of excludes) assert.ok(byName.get(other)?.excludes.includes(name), `${other} does not exclude ${name}`);
    }
  });

  it('digests counters as anyone can: SHA-256 of the RFC 8785 JSON of what is printed', () => {
    const text = canonicalize(registryEntries(COUNTERS)) ?? '';
    assert.equal(registryDigest(COUNTERS), `sha256:${createHash('sha256').update(text).digest('hex')}`);
    assert.notEqual(registryDigest(COUNTERS.slice(1)), registryDigest(COUNTERS));
  });

  it('digests what may be recorded, not the words about it', () => {
    const fields = Object.entries<Field>(FIELDS).map(([name, { purpose: _purpose, ...rest }]) => ({ name, ...rest }));
    assert.equal(
      RECORDED_DIGEST,
      `sha256:${createHash('sha256')
        .update(canonicalize(fields) ?? '')
        .digest('hex')}`,
    );
  });
});
