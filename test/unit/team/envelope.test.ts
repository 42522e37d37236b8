import assert from 'node:assert/strict';
import { createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import fc from 'fast-check';
import type { Contribution } from '../../../src/core/team/contribution.ts';
import { asContribution, CONTRIBUTION_SCHEMA, fitsRegistry } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { asEnvelope, open, PADDED_BYTES, seal, type Envelope } from '../../../src/node/team/envelope.ts';
import { newTeamKey, parseTeamKey, type TeamKey } from '../../../src/node/team/keys.ts';
import { delayOf, newSecret, tokenOf } from '../../../src/node/team/token.ts';

const registry = registryOf(COUNTERS.map(({ name }) => name));
const CONTRIBUTION: Contribution = {
  schema: CONTRIBUTION_SCHEMA,
  week: '2026-W46',
  team: 'payments',
  registry: registry.digest,
  token: tokenOf(new Uint8Array(32), '2026-W46', 'payments'),
  revision: 1,
  counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 12 }],
};

/** Every cell that there can be, each at its clip. */
function fullest(): Contribution {
  const combinations = (dims: [string, readonly string[]][]): Record<string, string>[] => {
    const [first, ...rest] = dims;
    if (first === undefined) return [{}];
    return first[1].flatMap((value) => combinations(rest).map((others) => ({ [first[0]]: value, ...others })));
  };
  const counters = COUNTERS.flatMap(({ name, dims, clip }) =>
    combinations(Object.entries(dims)).map((cell) => ({ counter: name, dims: cell, value: clip })),
  );
  return { ...CONTRIBUTION, counters };
}

describe('a sealed contribution', () => {
  let key: TeamKey;
  before(async () => {
    key = await newTeamKey();
  });

  it('is opened by the private key, and by no other', async () => {
    const envelope = await seal(CONTRIBUTION, key.publicKey);
    assert.deepEqual(await open(envelope, key), { contribution: CONTRIBUTION });
    assert.deepEqual(await open(envelope, await newTeamKey()), { refused: 'foreign' });
    const other = await newTeamKey();
    assert.deepEqual(await open(envelope, { ...key, privateKey: other.privateKey }), { refused: 'unreadable' });
  });

  it('is of the same length whatever it holds, and holds all that can be counted', async () => {
    const full = await seal(fullest(), key.publicKey);
    const small = await seal(CONTRIBUTION, key.publicKey);
    assert.equal(JSON.stringify(full).length, JSON.stringify(small).length);
    assert.equal(Buffer.from(small.ciphertext, 'base64url').length, PADDED_BYTES + 16);
    assert.deepEqual(await open(full, key), { contribution: fullest() });
  });

  it('never looks the same twice, and says nothing of the token', async () => {
    const [first, second] = [await seal(CONTRIBUTION, key.publicKey), await seal(CONTRIBUTION, key.publicKey)];
    assert.notEqual(first.enc, second.enc);
    assert.notEqual(first.ciphertext, second.ciphertext);
    assert.equal(JSON.stringify(first).includes(CONTRIBUTION.token), false);
  });

  it('is HPKE in base mode as RFC 9180 has it: opened by hand', async () => {
    const envelope = await seal(CONTRIBUTION, key.publicKey);
    assert.equal(openByHand(envelope, key).trimEnd(), JSON.stringify(JSON.parse(openByHand(envelope, key))));
    assert.deepEqual(JSON.parse(openByHand(envelope, key)), CONTRIBUTION);
  });

  it('is refused when anything on it was changed', async () => {
    const envelope = await seal(CONTRIBUTION, key.publicKey);
    for (const changed of [
      { ...envelope, week: '2026-W47' },
      { ...envelope, team: 'search' },
      { ...envelope, enc: (await seal(CONTRIBUTION, key.publicKey)).enc },
    ]) {
      assert.deepEqual(await open(changed, key), { refused: 'unreadable' });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(PADDED_BYTES + 15), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(envelope.ciphertext, 'base64url');
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        assert.deepEqual(await open({ ...envelope, ciphertext: bytes.toString('base64url') }, key), { refused: 'unreadable' });
      }),
      { numRuns: 30 },
    );
  });

  it('is refused when what is inside is not of the team and week on it, or no contribution', async () => {
    const inside = { ...CONTRIBUTION, revision: 0 };
    assert.deepEqual(await open(await seal(inside, key.publicKey), key), { refused: 'invalid' });
  });

  it('is no envelope with a part missing, longer or spelt in another way', async () => {
    const envelope = await seal(CONTRIBUTION, key.publicKey);
    assert.deepEqual(asEnvelope(JSON.parse(JSON.stringify({ ...envelope, later: 1 }))), envelope);
    const bad: unknown[] = [
      undefined,
      [],
      { ...envelope, schema: 'handrail.envelope/2' },
      { ...envelope, week: '2026-W54' },
      { ...envelope, enc: `${envelope.enc}=` },
      { ...envelope, ciphertext: envelope.ciphertext.slice(4) },
      { ...envelope, keyId: key.keyId.toUpperCase().replaceAll(/\d/g, 'A') },
    ];
    for (const value of bad) assert.equal(asEnvelope(value), undefined);
  });

  it('is not made for a key that is none, or of small order', async () => {
    for (const publicKey of ['', 'abc', `${'A'.repeat(43)}=`, 'A'.repeat(43)]) {
      await assert.rejects(seal(CONTRIBUTION, publicKey), (error) => failureOf(error)?.reason === 'config');
    }
  });
});

describe('a team key', () => {
  it('is read back from its file, and nothing else is', async () => {
    const key = await newTeamKey();
    assert.deepEqual(parseTeamKey(JSON.stringify(key)), key);
    for (const text of [
      '',
      '{}',
      'null',
      JSON.stringify({ ...key, keyId: '0'.repeat(16) }),
      JSON.stringify({ ...key, privateKey: 'abc' }),
    ]) {
      assert.throws(
        () => parseTeamKey(text),
        (error) => failureOf(error)?.reason === 'config',
      );
    }
  });
});

describe('a token', () => {
  it('is the first 16 bytes of an HMAC over week and team', () => {
    const secret = newSecret();
    const mac = createHmac('sha256', secret).update('["2026-W46","payments"]').digest();
    assert.equal(tokenOf(secret, '2026-W46', 'payments'), mac.subarray(0, 16).toString('base64url'));
    assert.equal(tokenOf(secret, '2026-W46', 'payments').length, 22);
  });

  it('never comes again in another week, team or person', () => {
    const tokens = new Set<string>();
    for (const secret of [newSecret(), newSecret()]) {
      for (let week = 1; week <= 52; week += 1) {
        for (const team of ['payments', 'search']) tokens.add(tokenOf(secret, `2026-W${String(week).padStart(2, '0')}`, team));
      }
    }
    assert.equal(tokens.size, 2 * 52 * 2);
  });

  it('leaves at a time that is spread over the week after', () => {
    const delays = Array.from({ length: 1000 }, () => delayOf(newSecret(), '2026-W46', 'payments'));
    assert.ok(delays.every((delay) => delay >= 0 && delay < 1));
    // Of 1000 random people, the number in a tenth of the week is within 50 to 150 but once in a million runs.
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const here = delays.filter((delay) => Math.floor(delay * 10) === tenth).length;
      assert.ok(here > 50 && here < 150, String(here));
    }
  });
});

describe('a contribution as others write it', () => {
  it('is read strictly, keys that came later apart', () => {
    assert.deepEqual(asContribution({ ...CONTRIBUTION, later: true }), CONTRIBUTION);
    const [cell] = CONTRIBUTION.counters;
    assert.ok(cell);
    const withCell = (changed: object): object => ({ ...CONTRIBUTION, counters: [{ ...cell, ...changed }] });
    for (const value of [
      null,
      { ...CONTRIBUTION, schema: 'handrail.contribution/2' },
      { ...CONTRIBUTION, week: '2025-W53' },
      { ...CONTRIBUTION, team: 'none' },
      { ...CONTRIBUTION, token: 'short' },
      { ...CONTRIBUTION, revision: 1.5 },
      { ...CONTRIBUTION, counters: [cell, { ...cell, value: 1 }] },
      withCell({ value: -1 }),
      withCell({ value: 0.5 }),
      withCell({ value: 2 ** 31 + 1 }),
      withCell({ value: '1' }),
      withCell({ dims: { outcome: 1 } }),
    ]) {
      assert.equal(asContribution(value), undefined, JSON.stringify(value));
    }
  });

  it('fits a registry that lists all of it, and no other', () => {
    assert.equal(fitsRegistry(CONTRIBUTION, registry), true);
    assert.equal(fitsRegistry(CONTRIBUTION, registryOf(['review.runs'])), false);
    for (const dims of [{}, { outcome: 'exploded' }, { how: 'completed' }, { outcome: 'completed', toString: 'x' }, { constructor: 'x' }]) {
      assert.equal(fitsRegistry({ ...CONTRIBUTION, counters: [{ counter: 'review.runs', dims, value: 1 }] }, registry), false);
    }
    assert.equal(fitsRegistry({ ...CONTRIBUTION, counters: [{ counter: 'review.lines', dims: {}, value: 1 }] }, registry), false);
  });
});

/** RFC 9180, 4.1 (DHKEM), 5.1 (key schedule, base mode), 5.2 (first message), with Node's primitives alone. */
function openByHand(envelope: Envelope, key: TeamKey): string {
  const publicOf = (raw: Buffer) =>
    createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), raw]), format: 'der', type: 'spki' });
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), Buffer.from(key.privateKey, 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  });
  const enc = Buffer.from(envelope.enc, 'base64url');
  const shared = diffieHellman({ privateKey, publicKey: publicOf(enc) });
  const i2 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const extract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer): Buffer =>
    createHmac('sha256', salt.length === 0 ? Buffer.alloc(32) : salt)
      .update(Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]))
      .digest();
  const expand = (suite: Buffer, prk: Buffer, label: string, info: Buffer, length: number): Buffer => {
    const labelled = Buffer.concat([i2(length), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info]);
    // HKDF-Expand (RFC 5869, 2.3) of at most one block of output.
    const block = createHmac('sha256', prk)
      .update(Buffer.concat([labelled, Buffer.from([1])]))
      .digest();
    return block.subarray(0, length);
  };
  const kem = Buffer.concat([Buffer.from('KEM'), i2(0x0020)]);
  const context = Buffer.concat([enc, Buffer.from(key.publicKey, 'base64url')]);
  const secret = expand(kem, extract(kem, Buffer.alloc(0), 'eae_prk', shared), 'shared_secret', context, 32);
  const suite = Buffer.concat([Buffer.from('HPKE'), i2(0x0020), i2(0x0001), i2(0x0002)]);
  const none = Buffer.alloc(0);
  const schedule = Buffer.concat([
    Buffer.from([0]),
    extract(suite, none, 'psk_id_hash', none),
    extract(suite, none, 'info_hash', Buffer.from('handrail.envelope/1')),
  ]);
  const prk = extract(suite, secret, 'secret', none);
  const decipher = createDecipheriv('aes-256-gcm', expand(suite, prk, 'key', schedule, 32), expand(suite, prk, 'base_nonce', schedule, 12));
  const sealed = Buffer.from(envelope.ciphertext, 'base64url');
  decipher.setAuthTag(sealed.subarray(-16));
  const { keyId, team, week } = envelope;
  decipher.setAAD(Buffer.from(`{"keyId":"${keyId}","schema":"handrail.envelope/1","team":"${team}","week":"${week}"}`));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
}
