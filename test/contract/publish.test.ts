import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Release } from '../../src/core/team/release/release.ts';
import { createCliRunner, finished, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { type PostServer, startPostServer } from '../support/postServer.ts';

const DATA = resolve(import.meta.dirname, '../../examples/team-data');

/** https://github.com/open-telemetry/opentelemetry-proto, as its JSON is mapped: nothing else may be there. */
const attributes = z.array(z.strictObject({ key: z.string().min(1), value: z.strictObject({ stringValue: z.string().min(1) }) }));
const nano = z.string().regex(/^\d{19}$/);
const requestSchema = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeMetrics: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          metrics: z.array(
            z.strictObject({
              name: z.string().regex(/^handrail(\.[a-z]+)+$/),
              unit: z.string().regex(/^(\{[a-z_]+\}|d)$/),
              gauge: z.strictObject({
                dataPoints: z.array(
                  z.strictObject({ attributes, startTimeUnixNano: nano, timeUnixNano: nano, asInt: z.string().regex(/^\d+$/) }),
                ),
              }),
            }),
          ),
        }),
      ),
    }),
  ),
});

describe('handrail team publish --otlp', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: PostServer;

  before(() => {
    cli = createCliRunner();
    repo = createTestRepo({ files: { 'notes.md': 'Nothing.\n' } });
    cpSync(DATA, join(repo.root, 'data'), { recursive: true });
    const done = cli.run('team release --in contributions --out ../releases --allow-plain'.split(' '), { cwd: join(repo.root, 'data') });
    assert.equal(done.code, 0, done.stderr);
  });
  after(() => {
    cli.remove();
    repo.remove();
  });
  beforeEach(async () => {
    server = await startPostServer();
  });
  afterEach(() => server.close());

  const run = (args: string, env: Record<string, string> = {}): Promise<CliResult> =>
    finished(cli.start(['team', 'publish', ...args.split(' ')], { cwd: repo.root, env }));
  const releases = (): Release[] => {
    const { entries } = JSON.parse(readFileSync(join(repo.root, 'releases/ledger.json'), 'utf8')) as { entries: { release: string }[] };
    return entries.map(({ release }) => JSON.parse(readFileSync(join(repo.root, 'releases', `${release}.json`), 'utf8')) as Release);
  };

  it('sends every figure once as a gauge of its window, and the same again byte for byte', async () => {
    const done = await run(`--in releases --otlp ${server.url}/otel --format json`, {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team=a',
    });
    assert.equal(done.code, 0, done.stderr);
    const [first, second] = releases();
    assert.equal(server.received.length, 2);
    assert.ok(first !== undefined && second !== undefined);
    assert.partialDeepStrictEqual(server.received[0]?.headers, {
      'content-type': 'application/json',
      authorization: 'Bearer abc',
      'x-team': 'a',
    });
    assert.equal(server.received[0]?.path, '/otel/v1/metrics');
    const request = requestSchema.parse(JSON.parse(server.received[0].body));
    const metrics = request.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
    const points = metrics.flatMap(({ name, unit, gauge }) =>
      gauge.dataPoints.map(({ attributes: list, ...point }) => ({
        name,
        unit,
        ...point,
        attributes: Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue])),
      })),
    );
    assert.deepEqual(JSON.parse(done.stdout), {
      team: 'payments',
      releases: 2,
      postgres: null,
      otlp: { points: first.cells.length + second.cells.length + 2 * 3 },
    });
    assert.equal(points.length, first.cells.length + 3);
    assert.equal(
      new Set(points.map((point) => JSON.stringify([point.name, Object.entries(point.attributes).toSorted()]))).size,
      points.length,
    );
    // 2026-W33 begins on 10 August, and W36 ends with 6 September.
    const times = { startTimeUnixNano: `${Date.UTC(2026, 7, 10)}000000`, timeUnixNano: `${Date.UTC(2026, 8, 7)}000000` };
    for (const point of points) assert.partialDeepStrictEqual(point, { ...times, attributes: { 'handrail.team': 'payments' } });
    const completed = first.cells.find(({ counter, dims }) => counter === 'review.runs' && dims['outcome'] === 'completed');
    const isCompleted = (point: (typeof points)[number]): boolean => point.attributes['handrail.outcome'] === 'completed';
    assert.partialDeepStrictEqual(points.find(isCompleted), {
      name: 'handrail.review.runs',
      unit: '{review}',
      asInt: String(completed?.value),
    });
    const tokens = first.cells.filter(({ counter, dims }) => counter === 'assistants.tokens' && dims['direction'] === 'input');
    const sent = points.filter(
      ({ name, attributes: own }) => name === 'handrail.assistants.tokens' && own['gen_ai.token.type'] === 'input',
    );
    assert.ok(tokens.length > 0);
    assert.deepEqual(
      sent.map(({ asInt }) => Number(asInt)),
      tokens.map(({ value }) => value * 1000),
    );
    const rest = first.cells.find(({ counter, dims }) => counter === 'review.runs' && dims['*'] === 'other');
    assert.equal(points.find(({ attributes: own }) => own['handrail.outcome'] === 'other')?.asInt, rest && String(rest.value));

    const before = server.received.map(({ body }) => body);
    assert.equal((await run(`--in releases --otlp ${server.url}/otel`)).code, 0);
    assert.deepEqual(
      server.received.slice(2).map(({ body }) => body),
      before,
    );
  });

  it('says what to do where the collector does not take it', async () => {
    const failed = async (args: string, env?: Record<string, string>): Promise<CliResult> => {
      const done = await run(args, env);
      assert.notEqual(done.code, 0);
      return done;
    };
    server.answer = { status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"3"}}' };
    assert.match((await failed(`--in releases --otlp ${server.url}`)).stderr, /rejected the figures/);
    server.answer = { status: 401, body: '' };
    assert.match((await failed(`--in releases --otlp ${server.url}`)).stderr, /OTEL_EXPORTER_OTLP_HEADERS/);
    server.answer = { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' };
    assert.match((await failed(`--in releases --otlp ${server.url}`)).stderr, /sends elsewhere/);
    const sent = server.received.length;
    assert.match((await failed(`--in releases --otlp http://collector.example`)).stderr, /reached by https/);
    const secret = await failed(`--in releases --otlp https://somebody:hunter2@collector.example`);
    assert.doesNotMatch(secret.stdout + secret.stderr, /hunter2/);
    const header = await failed(`--in releases --otlp ${server.url}`, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter%2' });
    assert.match(header.stderr, /OTEL_EXPORTER_OTLP_HEADERS cannot be read/);
    assert.doesNotMatch(header.stdout + header.stderr, /hunter/);
    assert.equal(server.received.length, sent);
  });

  it('publishes nothing from a folder that was changed', async () => {
    const folder = join(repo.root, 'changed');
    const refused = async (pattern: RegExp): Promise<void> => {
      const done = await run(`--in changed --otlp ${server.url}`);
      assert.equal(done.code, 2);
      assert.match(done.stderr, pattern);
      assert.equal(server.received.length, 0);
    };
    await refused(/no ledger in/);
    cpSync(join(repo.root, 'releases'), folder, { recursive: true });
    const [name = ''] = readdirSync(folder).filter((one) => one.startsWith('r-'));
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name), text.replace(/"value":\d+/, '"value":1'));
    await refused(/was changed after it was written/);
    rmSync(join(folder, name));
    await refused(/is missing in/);
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'ledger.json'), '{}');
    await refused(/is no ledger/);
    for (const [args, pattern] of [
      ['--in releases', /Where do the figures go/],
      [`--otlp ${server.url}`, /--in is missing/],
    ] as const) {
      const done = await run(args);
      assert.equal(done.code, 2);
      assert.match(done.stderr, pattern);
    }
  });
});
