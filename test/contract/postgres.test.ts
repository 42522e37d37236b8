import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { failureOf } from '../../src/core/errors.ts';
import { COUNTERS } from '../../src/core/telemetry/counters.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../src/core/team/contribution.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { Admission } from '../../src/core/team/release/admission.ts';
import { emptyLedger } from '../../src/core/team/release/ledger.ts';
import { buildRelease, type Release, releaseId, releaseText } from '../../src/core/team/release/release.ts';
import type { ReleaseEngine } from '../../src/core/team/release/tables.ts';
import { writeRelease } from '../../src/node/team/release/releaseFolder.ts';
import { openDatabase } from '../../src/node/postgres/database.ts';
import { openPostgresEngine } from '../../src/node/team/release/postgresEngine.ts';
import { newSecret, tokenOf } from '../../src/node/team/token.ts';
import { createCliRunner, finished, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';

const DATA = resolve(import.meta.dirname, '../../examples/team-data');
const WEEKS = ['2026-W45', '2026-W46', '2026-W47', '2026-W48'] as const;
const TEAM = 'payments';
const registry = registryOf(COUNTERS.map(({ name }) => name));
const placeOf = (counter: string): number => COUNTERS.findIndex(({ name }) => name === counter);
/** Counters with many cells. */
const [CALLS, TOKENS] = [placeOf('models.calls'), placeOf('assistants.tokens')];
/** Counters that count partly the same: reviews that were completed, and steps of the kind review, done and failed. */
const [RUNS, DONE, FAILED] = [placeOf('review.runs'), placeOf('steps.completed'), placeOf('steps.failed')];
const REVIEW = COUNTERS[DONE]?.dims['kind']?.indexOf('review') ?? -1;
const PEOPLE = Array.from({ length: 14 }, () => newSecret());

const ADMISSION = { team: TEAM, registry, window: 4, now: Date.UTC(2026, 11, 14), lastReleased: '' };

type Given = [person: number, week: number, counter: number, cell: number, value: number];

/** Contributions of these values: the cells of a counter by number, what comes twice added up. */
function contributionsOf(given: readonly Given[]): Contribution[] {
  const sums = new Map<string, Map<string, { counter: string; dims: Record<string, string>; value: number }>>();
  for (const [person, week, index, place, value] of given) {
    const counter = COUNTERS[index % COUNTERS.length];
    if (counter === undefined) continue;
    const dims: Record<string, string> = {};
    let rest = place;
    for (const [dim, values] of Object.entries(counter.dims)) {
      dims[dim] = values[rest % values.length] ?? 'other';
      rest = Math.floor(rest / values.length);
    }
    // Dimensions come in any order.
    const shuffled = place % 2 === 0 ? dims : Object.fromEntries(Object.entries(dims).toReversed());
    const own = sums.get(`${person} ${week}`) ?? new Map<string, { counter: string; dims: Record<string, string>; value: number }>();
    sums.set(`${person} ${week}`, own);
    const key = JSON.stringify([counter.name, Object.entries(dims)]);
    const before = own.get(key);
    if (before === undefined) own.set(key, { counter: counter.name, dims: shuffled, value });
    else before.value += value;
  }
  return [...sums].map(([key, cells]) => {
    const [person = 0, week = 0] = key.split(' ').map(Number);
    const name = WEEKS[week] ?? WEEKS[0];
    return {
      schema: CONTRIBUTION_SCHEMA,
      week: name,
      team: TEAM,
      registry: registry.digest,
      token: tokenOf(PEOPLE[person] ?? newSecret(), name, TEAM),
      revision: 1,
      counters: [...cells.values()],
    };
  });
}

const engineOf = (contributions: readonly Contribution[]): ReleaseEngine => ({
  async admit(options) {
    const admission = new Admission(options);
    for (const contribution of contributions) admission.add(contribution);
    return admission.admitted();
  },
});

async function textOf(engine: ReleaseEngine, k: number): Promise<string | undefined> {
  const { windows } = await engine.admit(ADMISSION);
  const [open] = windows;
  if (open === undefined) return undefined;
  const window = { from: open.from, to: open.to };
  const options = { team: TEAM, k, counters: registry.counters, window, previous: null };
  // Without a roster, how many took part decides, too.
  const both = [await buildRelease(open.tables, { ...options, roster: 14 }), await buildRelease(open.tables, options)];
  return both.map(releaseText).join('\n');
}

async function isPublished(engine: ReleaseEngine, counter: string): Promise<boolean> {
  const { windows } = await engine.admit(ADMISSION);
  const [{ from, to, tables } = { from: '', to: '', tables: undefined }] = windows;
  if (tables === undefined) return false;
  const { cells } = await buildRelease(tables, { team: TEAM, k: 5, counters: registry.counters, window: { from, to }, previous: null });
  return cells.some((cell) => cell.counter === counter);
}

describe('PostgreSQL', function () {
  this.timeout(120_000);
  let server: PostgresServer;
  let cli: CliRunner;
  let repo: TestRepo;

  before(async function () {
    // On a bare Debian it is fetched first.
    this.timeout(300_000);
    const started = await startPostgres();
    if (started === undefined) return this.skip();
    server = started;
    cli = createCliRunner();
    repo = createTestRepo({ files: { 'notes.md': 'Nothing.\n' } });
    cpSync(DATA, join(repo.root, 'data'), { recursive: true });
    assert.equal(release('../releases').code, 0);
  });
  after(async () => {
    cli?.remove();
    repo?.remove();
    await server?.stop();
  });

  const release = (out: string, more: readonly string[] = [], env: Record<string, string> = {}): CliResult =>
    cli.run(['team', 'release', '--in', 'contributions', '--out', out, '--allow-plain', ...more], { cwd: join(repo.root, 'data'), env });
  const publish = (url: string, folder = 'releases', env: Record<string, string> = {}): CliResult =>
    cli.run(['team', 'publish', '--in', folder, '--postgres', url, '--format', 'json'], { cwd: repo.root, env });
  const filesIn = (folder: string): Record<string, string> =>
    Object.fromEntries(readdirSync(join(repo.root, folder)).map((name) => [name, readFileSync(join(repo.root, folder, name), 'utf8')]));
  /** Without the password that this server got. */
  const bare = (user = 'handrail', database = 'postgres'): string => `postgres://${user}@127.0.0.1:${server.port}/${database}`;
  const leftovers = async (): Promise<unknown[]> =>
    (await server.query("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'handrail\\_%'")).map(
      (row) => row['schema_name'],
    );

  describe('as the engine of team release', () => {
    it('gives the same releases and the same ledger, byte for byte, and keeps nothing', async () => {
      const done = release('../other', ['--engine', bare(), '--prove'], { PGPASSWORD: server.password });
      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(filesIn('other'), filesIn('releases'));
      assert.equal(Object.keys(filesIn('other')).length, 3);
      assert.deepEqual(await leftovers(), []);
      // It was the database that summed, and it never saw a token.
      const [first = ''] = readFileSync(join(repo.root, 'data/contributions/2026-W33.ndjson'), 'utf8').split('\n');
      const { token } = JSON.parse(first) as Contribution;
      assert.match(server.log(), /row_number\(\) OVER/);
      assert.equal(server.log().includes(token), false);
    });

    it('gives the same bytes for any team', async () => {
      const engine = await openPostgresEngine(server.url, { env: {}, signal: new AbortController().signal });
      const people = (count: number, ...given: [week: number, counter: number, cell: number, value: number][]): Given[] =>
        Array.from({ length: count }, (_, person) => given.map((one): Given => [person, ...one])).flat();
      const same = async (given: readonly Given[], k: number): Promise<void> => {
        const contributions = contributionsOf(given);
        const text = await textOf(engine.over(engineOf(contributions)), k);
        assert.equal(text, await textOf(engineOf(contributions), k));
      };
      try {
        const byHand: Given[][] = [
          // Nothing but zeros, nobody, one person.
          people(9, [0, 0, 0, 0]),
          [],
          people(1, [0, 0, 0, 5]),
          // A person with nearly all; what the clip brings down; the largest value that a contribution may hold.
          [...people(9, [0, 0, 0, 1]), [9, 0, 0, 0, 2 ** 31]],
          people(14, [0, TOKENS, 0, 2 ** 31], [1, TOKENS, 0, 2 ** 31], [2, TOKENS, 1, 2 ** 31]),
          // A remainder that takes every safe cell with it, step by step, and one that takes a few.
          [
            ...people(9, ...[0, 1, 2, 3, 4, 5, 6].map((cell): [number, number, number, number] => [0, CALLS, cell, 3 + cell])),
            [0, 0, CALLS, 7, 1],
          ],
          [
            ...people(5, [0, CALLS, 0, 2]),
            ...people(14, ...[1, 2, 3, 4, 5, 6].map((cell): [number, number, number, number] => [1, CALLS, cell, 40])),
            [13, 0, CALLS, 7, 90],
          ],
          // As many people in two weeks, never k in one.
          [...people(4, [0, 0, 0, 3]), ...people(4, [1, 0, 0, 3])],
          // Ties of people and value.
          people(6, [0, CALLS, 0, 3], [0, CALLS, 1, 3], [0, CALLS, 2, 3], [0, CALLS, 3, 3]),
          // Two counters that differ by one person, by nobody, by many, and by one person's values above the clip.
          [...people(12, [0, RUNS, 0, 5], [0, DONE, REVIEW, 5]), [7, 0, RUNS, 0, 3]],
          people(12, [0, RUNS, 0, 5], [0, DONE, REVIEW, 5]),
          people(12, [0, RUNS, 0, 5], [1, RUNS, 0, 2], [0, DONE, REVIEW, 3], [1, DONE, REVIEW, 2], [1, FAILED, REVIEW, 1]),
          [...people(12, [0, RUNS, 0, 150], [0, DONE, REVIEW, 150]), [3, 0, RUNS, 0, 60_000], [3, 0, DONE, REVIEW, 60_000]],
        ];
        assert.ok(await isPublished(engine.over(engineOf(contributionsOf(byHand.at(-3) ?? []))), 'review.runs'));
        assert.equal(await isPublished(engine.over(engineOf(contributionsOf(byHand.at(-4) ?? []))), 'review.runs'), false);
        for (const given of byHand) await same(given, 5);
        const givenArb = fc.array(
          fc.tuple(
            fc.nat(13),
            fc.nat(3),
            fc.oneof(fc.constantFrom(CALLS, RUNS, DONE), fc.nat(COUNTERS.length - 1)),
            fc.nat(20),
            fc.oneof(fc.nat(4), fc.nat(400), fc.constant(60_000)),
          ),
          { maxLength: 250, size: 'max' },
        );
        await fc.assert(
          fc.asyncProperty(givenArb, fc.constantFrom(2, 3, 5), async (given, k) => same(given, k)),
          { numRuns: 40 },
        );
      } finally {
        await engine.close();
      }
      assert.deepEqual(await leftovers(), []);
    });

    it('shows nobody what it holds, and leaves nothing where the connection breaks', async () => {
      const engine = await openPostgresEngine(server.url, { env: {}, signal: new AbortController().signal });
      const given = Array.from({ length: 9 }, (_, person): Given => [person, 0, CALLS, person % 3, 5]);
      const { windows } = await engine.over(engineOf(contributionsOf(given))).admit(ADMISSION);
      const [calls] = registry.counters.filter(({ name }) => name === 'models.calls');
      const [open] = windows;
      assert.ok(open !== undefined && calls !== undefined);
      assert.equal((await open.tables.cells(calls)).length, 3);
      assert.deepEqual(await leftovers(), []);
      const ended = await server.query(
        "SELECT pg_terminate_backend(pid, 10000) AS ended FROM pg_stat_activity WHERE application_name = 'handrail' AND state = 'idle in transaction'",
      );
      assert.deepEqual(ended, [{ ended: true }]);
      await assert.rejects(
        async () => open.tables.cells(calls),
        (error) => failureOf(error)?.reason === 'unreachable',
      );
      await engine.close();
      assert.deepEqual(await leftovers(), []);
    });

    it('ends at once when it is cancelled', async () => {
      const stop = new AbortController();
      const database = await openDatabase(server.url, { env: {}, signal: stop.signal });
      await database.rows('BEGIN');
      const waiting = database.rows('SELECT pg_sleep(600)');
      stop.abort();
      await assert.rejects(waiting, (error) => failureOf(error)?.reason === 'cancelled');
      await database.close();
    });

    it('says what to do where the database is not to be had, and writes nothing', async () => {
      await server.query("CREATE ROLE reader LOGIN PASSWORD 'reader-word'");
      const closed = bare().replace(`:${server.port}/`, ':1/');
      const failures: [url: string, env: Record<string, string>, code: number, pattern: RegExp][] = [
        [closed, {}, 3, /127\.0\.0\.1:1\/postgres could not be reached.*port/s],
        [server.urlOf('handrail', 'hunter2'), {}, 3, /refused the user or the password.*PGPASSWORD/s],
        [bare(), {}, 2, /wants a password.*PGPASSWORD.*pgpass/s],
        [bare(), { PGPASSWORD: 'hunter2' }, 3, /refused the user or the password/],
        [server.urlOf('handrail', server.password, 'nowhere'), {}, 2, /no such database/],
        [server.urlOf('reader', 'reader-word'), {}, 3, /does not allow.*GRANT CREATE/s],
        [`${server.url}?sslmode=require`, {}, 3, /could not be reached.*TLS/s],
        [`${server.url}?sslmode=prefer`, {}, 2, /sslmode=verify-full/],
        [`${server.url}?options=-c`, {}, 2, /is not known/],
        ['postgres://handrail:hunter2@[', {}, 2, /not the address of a PostgreSQL server/],
        ['mysql://handrail:hunter2@127.0.0.1/', {}, 2, /no such engine/],
      ];
      for (const [url, env, code, pattern] of failures) {
        const done = release('../failed', ['--engine', url], { HOME: cli.home, ...env });
        assert.equal(done.code, code, `${url}: ${done.stderr}`);
        assert.match(done.stderr, pattern);
        for (const word of ['hunter2', 'reader-word', server.password])
          assert.equal((done.stdout + done.stderr).includes(word), false, word);
      }
      const noisy = release('../failed', ['--engine', server.url, '--dp', 'epsilon=1,budget=4']);
      assert.equal(noisy.code, 2);
      assert.match(noisy.stderr, /where the noise is drawn/);
      assert.equal(existsSync(join(repo.root, 'failed')), false);
    });

    it('takes the password from ~/.pgpass', () => {
      writeFileSync(join(cli.home, '.pgpass'), `127.0.0.1:${server.port}:*:handrail:${server.password}\n`, { mode: 0o600 });
      const done = release('../by-pgpass', ['--engine', bare()], { HOME: cli.home });
      assert.equal(done.code, 0, done.stderr);
      assert.equal(done.stderr, '');
      assert.deepEqual(filesIn('by-pgpass'), filesIn('releases'));
    });
  });

  describe('as what team publish writes into', () => {
    it('has every figure in tables and views, once, however often it is published', async () => {
      const first = publish(server.url);
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(JSON.parse(first.stdout), { team: TEAM, releases: 2, postgres: { added: 2, known: 0 }, otlp: null });
      const everything = async (): Promise<unknown> => ({
        releases: await server.query('SELECT xmin, * FROM handrail.releases ORDER BY position'),
        figures: await server.query('SELECT xmin, * FROM handrail.released_figures ORDER BY release, counter, label'),
        withheld: await server.query('SELECT xmin, * FROM handrail.withheld_counters ORDER BY release, counter'),
        layout: await server.query('SELECT xmin, * FROM handrail.layout'),
      });
      const before = await everything();
      assert.deepEqual(JSON.parse(publish(server.url).stdout), { team: TEAM, releases: 2, postgres: { added: 0, known: 2 }, otlp: null });
      assert.deepEqual(await everything(), before);

      const { entries } = JSON.parse(readFileSync(join(repo.root, 'releases/ledger.json'), 'utf8')) as { entries: { release: string }[] };
      const [one, two] = entries.map(
        ({ release: id }) => JSON.parse(readFileSync(join(repo.root, `releases/${id}.json`), 'utf8')) as Release,
      );
      assert.ok(one !== undefined && two !== undefined);
      const figures = await server.query('SELECT release, counter, label, value::integer FROM handrail.figures ORDER BY ends');
      assert.equal(figures.length, one.cells.length + two.cells.length);
      const runs = await server.query(
        'SELECT starts, ends, from_week, outcome, value::integer AS value FROM handrail.review_runs WHERE release = $1',
        [one.id],
      );
      const cells = one.cells.filter(({ counter }) => counter === 'review.runs');
      assert.deepEqual(
        new Map(runs.map(({ outcome, value }) => [outcome, value])),
        new Map(cells.map(({ dims, value }) => [dims['outcome'] ?? 'other', value])),
      );
      assert.partialDeepStrictEqual(runs[0], {
        starts: new Date('2026-08-10T00:00:00Z'),
        ends: new Date('2026-09-07T00:00:00Z'),
        from_week: '2026-W33',
      });
      assert.deepEqual(
        (await server.query('SELECT counter FROM handrail.withheld WHERE release = $1 ORDER BY counter', [two.id])).map(
          ({ counter }) => counter,
        ),
        two.withheld.toSorted(),
      );
      const [band] = await server.query(
        'SELECT people_from::integer, people_to::integer, k FROM handrail.participation WHERE release = $1',
        [two.id],
      );
      assert.deepEqual(band, { people_from: two.participation.from, people_to: two.participation.to, k: two.k });
    });

    it('holds several teams, sums them, and refuses a second release of a window', async () => {
      const other = join(repo.root, 'data/other-team');
      mkdirSync(other);
      for (const name of readdirSync(join(DATA, 'contributions'))) {
        writeFileSync(
          join(other, name),
          readFileSync(join(DATA, 'contributions', name), 'utf8').replaceAll('"team":"payments"', '"team":"checkout"'),
        );
      }
      const ofTeam = (out: string, ...more: string[]): void => {
        const done = cli.run(['team', 'release', '--in', 'other-team', '--team', 'checkout', '--out', out, '--allow-plain', ...more], {
          cwd: join(repo.root, 'data'),
        });
        assert.equal(done.code, 0, done.stderr);
      };
      ofTeam('../checkout');
      assert.equal(publish(server.url, 'checkout').code, 0);
      const twice = await server.query(
        `SELECT o.teams::integer, (o.value - 2 * f.value)::integer AS difference FROM handrail.organisation o
         JOIN handrail.figures f ON f.from_week = o.from_week AND f.counter = o.counter AND f.label = o.label AND f.team = 'payments'`,
      );
      assert.ok(twice.length > 10);
      for (const row of twice) assert.deepEqual(row, { teams: 2, difference: 0 });

      // Another ledger of the same team: nothing of it comes in, its new windows neither.
      ofTeam('../forked', '--k', '6');
      const count = async (): Promise<unknown> => (await server.query('SELECT count(*) AS count FROM handrail.releases'))[0]?.['count'];
      const before = await count();
      const refused = publish(server.url, 'forked');
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /another release of checkout/);
      assert.equal(await count(), before);

      // Windows of another length that begin and end elsewhere, and share a week.
      ofTeam('../longer', '--window', '3w');
      const overlapping = publish(server.url, 'longer');
      assert.equal(overlapping.code, 2, overlapping.stdout);
      assert.match(overlapping.stderr, /another release of checkout for weeks of/);
      assert.equal(await count(), before);
    });

    it('says how far figures with noise may be off', async () => {
      const [file = ''] = readdirSync(join(repo.root, 'releases')).filter((name) => name.startsWith('r-'));
      const { id: _id, ...exact } = JSON.parse(readFileSync(join(repo.root, 'releases', file), 'utf8')) as Release;
      const privacy: Release['privacy'] = {
        mechanism: 'discrete-gaussian',
        unit: 'person',
        epsilon: 0.5,
        delta: 1e-5,
        budget: 4,
        clip: 0.1,
        rho: 12_345,
        noise: [{ counter: 'review.runs', clip: 20, margin: 321 }],
      };
      const body = { ...exact, team: 'noisy', previous: null, privacy };
      await writeRelease(join(repo.root, 'noisy'), emptyLedger('noisy'), { ...body, id: releaseId(body) });
      assert.equal(publish(server.url, 'noisy').code, 0);
      const margins = await server.query("SELECT DISTINCT margin::integer FROM handrail.review_runs WHERE team = 'noisy'");
      assert.deepEqual(margins, [{ margin: 321 }]);
      const [others] = await server.query(
        "SELECT count(margin)::integer AS count FROM handrail.figures WHERE counter <> 'review.runs' OR team <> 'noisy'",
      );
      assert.deepEqual(others, { count: 0 });
      const [stored] = await server.query("SELECT privacy FROM handrail.releases WHERE team = 'noisy'");
      assert.deepEqual(stored?.['privacy'], privacy);
    });

    it('is written by several at once, and needs no more than to add rows once it is there', async () => {
      await server.query('CREATE DATABASE together');
      const url = server.urlOf('handrail', server.password, 'together');
      const all = await Promise.all(
        ['releases', 'checkout', 'releases'].map((folder) =>
          finished(cli.start(['team', 'publish', '--in', folder, '--postgres', url, '--format', 'json'], { cwd: repo.root })),
        ),
      );
      for (const { code, stderr } of all) assert.equal(code, 0, stderr);
      const added = all.map(({ stdout }) => (JSON.parse(stdout) as { postgres: { added: number } }).postgres.added);
      assert.equal(
        added.reduce((sum, value) => sum + value, 0),
        4,
      );

      await server.query("CREATE ROLE publisher LOGIN PASSWORD 'publisher-word'");
      const publisher = server.urlOf('publisher', 'publisher-word');
      assert.match(publish(publisher).stderr, /does not allow/);
      await server.query('GRANT USAGE ON SCHEMA handrail TO publisher; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA handrail TO publisher');
      assert.deepEqual(JSON.parse(publish(publisher).stdout), { team: TEAM, releases: 2, postgres: { added: 0, known: 2 }, otlp: null });

      await server.query('INSERT INTO handrail.layout VALUES (2, $1)', ['of a later version']);
      const refused = publish(server.url);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /newer version.*Update Handrail/s);
    });
  });
});
