import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { admit, type AdmitOptions } from '../../../src/core/team/release/admit.ts';
import type { Admitted } from '../../../src/core/team/release/tables.ts';
import { canonicalJson } from '../../../src/core/workflow/digests.ts';
import { seal } from '../../../src/node/team/envelope.ts';
import { inputsOf } from '../../../src/node/team/release/inputFiles.ts';
import { newTurn, type Piece, piecesIn, takenFrom } from '../../../src/node/team/release/inputPieces.ts';
import { memoryEngine } from '../../../src/node/team/release/memoryEngine.ts';
import { newTeamKey } from '../../../src/node/team/keys.ts';

const registry = registryOf(['review.runs']);
const options: AdmitOptions = { team: 'payments', registry, window: 2, now: Date.UTC(2026, 11, 1), lastReleased: '' };
const contribution = (person: number, value: number, more: Partial<Contribution> = {}): Contribution => ({
  schema: CONTRIBUTION_SCHEMA,
  week: person % 2 === 0 ? '2026-W45' : '2026-W46',
  team: 'payments',
  registry: registry.digest,
  token: `${'A'.repeat(15)}${String(person).padStart(6, '0')}A`,
  revision: 1,
  counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }],
  ...more,
});
const saidBy = async ({ windows, waiting, rejected }: Admitted): Promise<unknown> => ({
  given: await Promise.all(windows.map(async ({ read }) => (await read()).map((one) => canonicalJson(one)).toSorted())),
  contributions: windows.map(({ contributions }) => contributions),
  waiting,
  rejected,
});

describe('the engine without a database', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail inputs '));
    mkdirSync(join(folder, 'deep'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** Larger than what is read at once; people twice, and lines that have to be parsed, in between. */
  const many = Array.from({ length: 9000 }, (_, at) => contribution(at % 8000, at % 50, { revision: 1 + Math.floor(at / 8000) }));
  const spelled = (one: Contribution, at: number): string =>
    at % 7 === 0 ? canonicalJson(one).replace('payments', '\\u0070ayments') : canonicalJson(one);
  const writeMany = (): void => {
    writeFileSync(join(folder, 'a.ndjson'), many.slice(0, 6000).map(spelled).join('\n'));
    writeFileSync(join(folder, 'deep/b.ndjson'), `\n${many.slice(6000, 8998).map(spelled).join('\r\n')}\n\n`);
    writeFileSync(join(folder, 'deep/c.json'), JSON.stringify(many[8998], null, 2));
    writeFileSync(join(folder, 'deep/d.json'), canonicalJson(many[8999]));
  };

  it('admits the same in one thread and in several, whatever is at the edges of what is read at once', async () => {
    writeMany();
    const expected = await saidBy(admit(many, options));
    for (const threads of [
      { most: 1, worth: 1 },
      { most: 3, worth: 300 },
      { most: 2, worth: 1_048_576 },
    ]) {
      assert.deepEqual(await saidBy(await memoryEngine({ folder, allowPlain: true, threads }).admit(options)), expected);
    }
  }).timeout(20_000);

  it('divides lines into pieces, each line into one, and gives each piece to one who asks', () => {
    writeMany();
    for (const size of [3000, 100_000, 1_048_576, 1e9]) {
      const { pieces, bytes } = piecesIn(folder, size);
      assert.ok(bytes > 2_000_000 && pieces.length >= bytes / (size + 64 * 1024) && pieces.length >= 4, `${pieces.length} of ${bytes}`);
      const turn = newTurn();
      const asking = [takenFrom(pieces, turn), takenFrom(pieces, turn)];
      const taken = pieces.map((_, at) => asking[at % 2]!.next().value as Piece);
      assert.ok(asking.every((one) => one.next().done));
      assert.deepEqual(
        [...inputsOf(taken)].map((input) => input?.value),
        many,
      );
    }
  });

  it('passes over a line that does not end, wherever it begins and ends, and reads on', () => {
    const good = canonicalJson(contribution(1, 1));
    for (const length of [65_537, 1_048_576, 1_048_577, 3_000_000]) {
      writeFileSync(join(folder, 'a.ndjson'), `${good}\n${'x'.repeat(length)}\n${good}\n${'y'.repeat(length)}`);
      const values = [...inputsOf(piecesIn(folder, 100_000).pieces)];
      assert.deepEqual(
        values.map((input) => (input === undefined ? 'unreadable' : 'read')),
        ['read', 'unreadable', 'read', 'unreadable'],
        String(length),
      );
    }
  });

  it('opens what is sealed in another thread, too, and takes nothing that is not where it must be', async () => {
    const key = await newTeamKey();
    const sealed = await Promise.all(many.slice(0, 6).map((one) => seal(one, key.publicKey)));
    writeFileSync(join(folder, 'a.ndjson'), sealed.map((one) => JSON.stringify(one)).join('\n'));
    writeFileSync(join(folder, 'b.ndjson'), `${canonicalJson(many[6])}\n`);
    const admitted = await memoryEngine({ folder, key, allowPlain: false, threads: { most: 2, worth: 1 } }).admit(options);
    const { rejected, ...expected } = admit(many.slice(0, 6), options);
    assert.deepEqual(await saidBy(admitted), await saidBy({ ...expected, rejected: { ...rejected, invalid: 1 } }));
  }).timeout(20_000);
});
