import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asContribution, CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { Admission } from '../../../src/core/team/release/admission.ts';
import { admit, type AdmitOptions, rejectionOf } from '../../../src/core/team/release/admit.ts';
import type { Admitted, GroupFigures } from '../../../src/core/team/release/tables.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { canonicalJson } from '../../../src/core/workflow/digests.ts';

const registry = registryOf(['review.runs', 'generate.outcomes', 'assistants.tokens', 'assistants.days']);
const options: AdmitOptions = { team: 'payments', registry, window: 2, now: Date.UTC(2026, 11, 1), lastReleased: '2026-W44' };
/** Of a window that was released, of two that are open, and of one that is not over. */
const WEEKS = ['2026-W43', '2026-W45', '2026-W46', '2026-W47', '2026-W48', '2026-W50'];

const cellArb = fc.constantFrom(...registry.counters).chain(({ name, dims, clip }) =>
  fc.record({
    counter: fc.constant(name),
    dims: fc.record(Object.fromEntries(Object.entries(dims).map(([dim, values]) => [dim, fc.constantFrom(...values)])), {
      noNullPrototype: true,
    }),
    value: fc.oneof({ weight: 4, arbitrary: fc.nat(9) }, fc.integer({ min: clip - 1, max: clip + 1 }), fc.constant(2 ** 31)),
  }),
);
const cellsArb = fc.uniqueArray(cellArb, { maxLength: 6, selector: ({ counter, dims }) => canonicalJson([counter, dims]) });
const contributionArb: fc.Arbitrary<Contribution> = fc.record({
  schema: fc.constant(CONTRIBUTION_SCHEMA),
  week: fc.constantFrom(...WEEKS),
  team: fc.oneof({ weight: 20, arbitrary: fc.constant('payments') }, fc.constant('others')),
  registry: fc.oneof({ weight: 20, arbitrary: fc.constant(registry.digest) }, fc.constant(`sha256:${'0'.repeat(64)}`)),
  // Few people, so that the same one comes again; all characters of a token.
  token: fc.nat(9).map((person) => `${'Az09-_'.repeat(3)}AB${person}${'AQgw'[person % 4] ?? 'A'}`),
  revision: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.constant(2 ** 31)),
  counters: cellsArb,
});

/** The ways in which a program may write the same contribution. */
const SPELLINGS: readonly ((contribution: Contribution) => string)[] = [
  canonicalJson,
  JSON.stringify,
  (one) => JSON.stringify(Object.fromEntries(Object.entries(one).toReversed())),
  (one) => canonicalJson(one).replaceAll('":', '": ').replaceAll(',"', ', "'),
  (one) => JSON.stringify({ ...one, counters: one.counters.map(({ counter, dims, value }) => ({ value, dims, counter })) }),
];
const spelledArb = fc.tuple(contributionArb, fc.constantFrom(...SPELLINGS)).map(([contribution, spell]) => spell(contribution));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);

/** As an engine does: a line by its bytes, and what those do not tell by parsing it. */
function addTo(admission: Admission, line: string): void {
  if (admission.addLine(bytesOf(line), 0) >= 0) return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    admission.reject('unreadable');
    return;
  }
  const contribution = asContribution(value);
  if (contribution === undefined) admission.reject('invalid');
  else admission.add(contribution);
}

/** Everything that an engine says, of any groups. */
async function saidBy({ windows, waiting, rejected }: Admitted): Promise<unknown> {
  const said = [];
  for (const { from, to, contributions, tables, read } of windows) {
    const counters: unknown[] = [];
    for (const counter of registry.counters) {
      const cells = (await tables.cells(counter)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
      const keys = cells.map(({ key }) => key);
      const groups: GroupFigures[] = [];
      if (keys.length > 1) for await (const figures of tables.growing(counter, keys.toReversed(), 2)) groups.push(figures);
      counters.push([cells, groups]);
    }
    const given = (await read()).map((one) => canonicalJson(one)).toSorted();
    said.push({ from, to, contributions, people: await tables.people(), counters, given });
  }
  return { said, waiting, rejected };
}

describe('what is admitted', () => {
  it('is what the plainest way admits, with the same figures of every group, in whatever order and spelling it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(contributionArb, fc.nat(SPELLINGS.length - 1)), { maxLength: 60 }), async (given) => {
        const expected = await saidBy(
          admit(
            given.map(([contribution]) => contribution),
            options,
          ),
        );
        for (const order of [given, given.toReversed()]) {
          const [byLine, byObject] = [new Admission(options), new Admission(options)];
          for (const [contribution, spelling] of order) {
            addTo(byLine, SPELLINGS[spelling]?.(contribution) ?? '');
            byObject.add(contribution);
          }
          assert.deepEqual(await saidBy(byLine.admitted()), expected);
          assert.deepEqual(await saidBy(byObject.admitted()), expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is taken from the bytes in every common spelling, without parsing', () => {
    fc.assert(
      fc.property(contributionArb, fc.constantFrom(...SPELLINGS), (contribution, spell) => {
        const own = { ...contribution, team: 'payments', registry: registry.digest };
        const bytes = bytesOf(spell(own));
        assert.equal(new Admission(options).addLine(bytes, 0), bytes.length - 1);
      }),
    );
  });

  /** Parts of contributions, right and wrong, that take the place of any others. */
  const partArb = fc.oneof(
    fc.constantFrom(
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '\\',
      '0',
      '-',
      '.',
      'e1',
      'null',
      'A',
      '\u00e9',
      '\r',
      '"value":',
      '"week":"2026-W46",',
    ),
    fc.constantFrom(
      '"counter":"review.runs"',
      '"dims":{}',
      '"__proto__":{}',
      '2026-W53',
      '2026-W54',
      '4294967296',
      '2147483648',
      '1000',
      '\\u0061',
    ),
    fc.string({ maxLength: 3 }),
  );
  const NUMBERS = [
    '0',
    '7',
    '12',
    '1000',
    '2147483648',
    '2147483649',
    '4294967296',
    '01',
    '-0',
    '-1',
    '1.0',
    '0.5',
    '1e1',
    '1 ',
    ' 1',
    '"1"',
    '',
  ];
  const renumberedArb = fc.tuple(spelledArb, fc.nat(9), fc.constantFrom(...NUMBERS)).map(([line, which, number]) => {
    let at = 0;
    return line.replaceAll(/(?<=: ?)\d+/g, (digits) => (at++ === which ? number : digits));
  });
  const mutatedArb = fc
    .tuple(spelledArb, fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(4), partArb), { minLength: 1, maxLength: 2 }))
    .map(([line, changes]) =>
      changes.reduce((text, [at, length, part]) => {
        const start = Math.floor(at * text.length);
        return text.slice(0, start) + part + text.slice(start + length);
      }, line),
    )
    .filter((line) => !line.includes('\n'));

  it('is never taken from bytes that validation rejects, and then says the same', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutatedArb, renumberedArb), async (line) => {
        const admission = new Admission(options);
        if (admission.addLine(bytesOf(line), 0) < 0) return;
        taken += 1;
        const contribution = asContribution(JSON.parse(line));
        assert.ok(contribution, line);
        assert.ok([undefined, 'late'].includes(rejectionOf(contribution, options)), line);
        assert.deepEqual(await saidBy(admission.admitted()), await saidBy(admit([contribution], options)));
      }),
      { numRuns: 2000 },
    );
    // Some changes leave a contribution.
    assert.ok(taken > 30, String(taken));
  });

  it('keeps a person once, however many copies come', () => {
    const admission = new Admission(options);
    const contribution: Contribution = {
      schema: CONTRIBUTION_SCHEMA,
      week: '2026-W46',
      team: 'payments',
      registry: registry.digest,
      token: 'A'.repeat(22),
      revision: 1,
      counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 3 }],
    };
    const bytes = bytesOf(canonicalJson(contribution));
    for (let copy = 0; copy < 10_000; copy += 1) admission.addLine(bytes, 0);
    const { windows, rejected } = admission.admitted();
    assert.deepEqual(
      windows.map(({ contributions }) => contributions),
      [1],
    );
    assert.equal(rejected.duplicate, 9999);
  });

  it('knows every cell of the catalogue', async () => {
    const all = registryOf(COUNTERS.map(({ name }) => name));
    const admission = new Admission({ ...options, registry: all });
    const counters = COUNTERS.flatMap(({ name, dims }) =>
      Object.entries(dims)
        .reduce<Record<string, string>[]>(
          (before, [dim, values]) => before.flatMap((one) => values.map((value) => ({ ...one, [dim]: value }))),
          [{}],
        )
        .map((given) => ({ counter: name, dims: given, value: 1 })),
    );
    const contribution: Contribution = {
      schema: CONTRIBUTION_SCHEMA,
      week: '2026-W46',
      team: 'payments',
      registry: all.digest,
      token: 'A'.repeat(22),
      revision: 1,
      counters,
    };
    assert.ok(admission.addLine(bytesOf(canonicalJson(contribution)), 0) > 0);
    assert.deepEqual(await admission.admitted().windows[0]?.read(), [contribution]);
  });
});
