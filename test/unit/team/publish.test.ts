import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { labelOf } from '../../../src/core/team/publish/label.ts';
import { LAYOUT, viewOf } from '../../../src/core/team/publish/layout.ts';
import { metricsOf } from '../../../src/core/team/publish/metrics.ts';
import { GUARANTEE, RELEASE_SCHEMA, type Release, type ReleasedCell } from '../../../src/core/team/release/release.ts';
import { parsePostgresUrl, shownAddress } from '../../../src/node/postgres/address.ts';

/** Every cell that the catalogue knows, and each counter's remainder. */
const everyCell = (): ReleasedCell[] =>
  COUNTERS.flatMap(({ name, dims }): ReleasedCell[] => {
    const combined = Object.entries(dims).reduce<Record<string, string>[]>(
      (all, [dim, values]) => all.flatMap((one) => values.filter((value) => value !== 'other').map((value) => ({ ...one, [dim]: value }))),
      [{}],
    );
    return [...combined, { '*': 'other' }].map((own) => ({ counter: name, dims: own, value: 7 }));
  });
const release = (cells: readonly ReleasedCell[]): Release => ({
  schema: RELEASE_SCHEMA,
  id: `r-${'0'.repeat(16)}`,
  team: 'payments',
  window: { from: '2026-W53', to: '2027-W03' },
  k: 5,
  participation: { from: 5 },
  cells,
  withheld: [],
  guarantee: GUARANTEE,
  previous: null,
});

describe('what is published for dashboards', () => {
  it('gives each figure of a counter a label and a series of its own', () => {
    const cells = everyCell();
    const labels = new Set(cells.map((cell) => `${cell.counter} ${labelOf(cell)}`));
    assert.equal(labels.size, cells.length);
    const metrics = metricsOf(release(cells)).resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    const series = metrics.flatMap(({ name, gauge }) => gauge.dataPoints.map(({ attributes }) => JSON.stringify([name, attributes])));
    assert.equal(new Set(series).size, series.length);
    assert.equal(series.length, cells.length + 2);
    const units = new Map(metrics.map(({ name, unit }) => [name, unit]));
    assert.equal(units.get('handrail.review.runs'), '{review}');
    assert.equal(units.get('handrail.assistants.tokens'), '{token}');
    assert.equal(units.get('handrail.assistants.days'), 'd');
    // Weeks of two years, and a unit for every counter of the catalogue.
    for (const { unit, gauge } of metrics) {
      assert.match(unit, /^(?:\{[a-z_]+\}|d)$/);
      assert.deepEqual(gauge.dataPoints[0]?.startTimeUnixNano, `${Date.UTC(2026, 11, 28)}000000`);
      assert.deepEqual(gauge.dataPoints[0]?.timeUnixNano, `${Date.UTC(2027, 0, 25)}000000`);
    }
  });

  it('has a view for every counter, and one alone', () => {
    const views = COUNTERS.map(({ name }) => viewOf(name));
    assert.equal(new Set(views).size, views.length);
    for (const view of views) assert.equal(LAYOUT.filter((statement) => statement.includes(`VIEW ${view} AS`)).length, 1);
  });
});

describe('the address of a database', () => {
  const refused = (text: string): void =>
    assert.throws(
      () => parsePostgresUrl(text, {}),
      (error: unknown) => {
        assert.equal(failureOf(error)?.reason, 'config');
        assert.doesNotMatch(JSON.stringify([failureOf(error), String(error), failureOf(error)?.cause]), /hunter2/);
        return true;
      },
    );

  it('is taken apart, and shown without user and password', () => {
    const address = parsePostgresUrl('postgresql://an%40na:hunter2%2F@db.example:5433/figures?sslrootcert=/ca.pem', {});
    assert.deepEqual(address, {
      host: 'db.example',
      port: 5433,
      user: 'an@na',
      password: 'hunter2/',
      database: 'figures',
      tls: { rootCertificate: '/ca.pem' },
    });
    assert.equal(shownAddress(address), 'db.example:5433/figures');
    assert.deepEqual(parsePostgresUrl('postgres://', { PGHOST: '/run/pg', PGPORT: '6000' }), { host: '/run/pg', port: 6000, tls: false });
    assert.equal(shownAddress(parsePostgresUrl('postgres://[::1]/a', {})), '[::1]:5432/a');
    assert.equal(parsePostgresUrl('postgres:///a?host=/run/pg', {}).host, '/run/pg');
  });

  it('asks for TLS with a checked certificate, but on this machine or where somebody said otherwise', () => {
    const tls = (text: string, env = {}): unknown => parsePostgresUrl(text, env).tls;
    assert.deepEqual(tls('postgres://db.example/a'), {});
    assert.deepEqual(tls('postgres://localhost.example/a'), {});
    assert.equal(tls('postgres://127.0.0.1/a'), false);
    assert.deepEqual(tls('postgres://127.0.0.1/a?sslmode=require'), {});
    assert.equal(tls('postgres://db.example/a?sslmode=disable'), false);
    assert.equal(tls('postgres://db.example/a', { PGSSLMODE: 'disable' }), false);
    refused('postgres://handrail:hunter2@db.example/a?sslmode=prefer');
    refused('postgres://handrail:hunter2@db.example/a?sslmode=no-verify');
  });

  it('is never repeated where it is none', () => {
    refused('postgres://handrail:hunter2@[');
    refused('mysql://handrail:hunter2@db.example/a');
    refused('postgres://handrail:hunter2%zz@db.example/a');
    refused('postgres://handrail:hunter2@db.example/a?password=hunter2');
  });
});
