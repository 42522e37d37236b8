import { COUNTERS } from '../../telemetry/counters.ts';

/**
 * The tables and views that releases are published into, of which dashboards read the views: docs/scale.md says what they hold. Only SQL
 * that PostgreSQL and the distributed systems that speak its protocol have in common.
 */

/** Raised when tables change in a way that an older version could not write. */
export const LAYOUT_VERSION = 1;

const TABLES = [
  'CREATE SCHEMA IF NOT EXISTS handrail',
  'CREATE TABLE IF NOT EXISTS handrail.layout (version integer PRIMARY KEY, digest text NOT NULL)',
  `CREATE TABLE IF NOT EXISTS handrail.releases (
    id text PRIMARY KEY,
    team text NOT NULL,
    position integer NOT NULL,
    from_week text NOT NULL,
    to_week text NOT NULL,
    starts timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    k integer NOT NULL,
    people_from bigint NOT NULL,
    people_to bigint,
    guarantee text NOT NULL,
    privacy jsonb,
    digest text NOT NULL,
    UNIQUE (team, from_week),
    UNIQUE (team, position)
  )`,
  `CREATE TABLE IF NOT EXISTS handrail.released_figures (
    release text NOT NULL REFERENCES handrail.releases (id),
    counter text NOT NULL,
    label text NOT NULL,
    dims jsonb NOT NULL,
    is_remainder boolean NOT NULL,
    value bigint NOT NULL,
    margin bigint,
    PRIMARY KEY (release, counter, label)
  )`,
  `CREATE TABLE IF NOT EXISTS handrail.withheld_counters (
    release text NOT NULL REFERENCES handrail.releases (id),
    counter text NOT NULL,
    PRIMARY KEY (release, counter)
  )`,
  'CREATE TABLE IF NOT EXISTS handrail.counters (counter text PRIMARY KEY, unit text NOT NULL, purpose text NOT NULL)',
];

const WINDOW = 'r.team, r.from_week, r.to_week, r.starts, r.ends, r.id AS release, r.k';

const VIEWS = [
  `CREATE OR REPLACE VIEW handrail.figures AS
    SELECT ${WINDOW}, f.counter, f.label, f.is_remainder, f.value, f.margin, c.unit
    FROM handrail.releases r
    JOIN handrail.released_figures f ON f.release = r.id
    LEFT JOIN handrail.counters c ON c.counter = f.counter`,
  `CREATE OR REPLACE VIEW handrail.participation AS
    SELECT ${WINDOW}, r.people_from, r.people_to FROM handrail.releases r`,
  `CREATE OR REPLACE VIEW handrail.withheld AS
    SELECT ${WINDOW}, w.counter FROM handrail.releases r JOIN handrail.withheld_counters w ON w.release = r.id`,
  // Sums of what teams published, and of nothing else.
  `CREATE OR REPLACE VIEW handrail.organisation AS
    SELECT r.from_week, r.to_week, r.starts, r.ends, f.counter, f.label, sum(f.value) AS value, count(*) AS teams
    FROM handrail.releases r JOIN handrail.released_figures f ON f.release = r.id
    GROUP BY r.from_week, r.to_week, r.starts, r.ends, f.counter, f.label`,
];

/** Name of the view of one counter: `review.runs` is in `handrail.review_runs`. */
export function viewOf(counter: string): string {
  return `handrail.${counter.replaceAll(/\W/g, '_')}`;
}

/** A column for each dimension. All of them are `other` in the remainder, beside which no other row has that value. */
function counterView({ name, dims }: (typeof COUNTERS)[number]): string {
  const columns = Object.keys(dims).map((dim) => `COALESCE(f.dims ->> '${dim}', 'other') AS "${dim}"`);
  return `CREATE OR REPLACE VIEW ${viewOf(name)} AS
    SELECT ${WINDOW}, ${columns.join(', ')}, f.value, f.margin
    FROM handrail.releases r JOIN handrail.released_figures f ON f.release = r.id
    WHERE f.counter = '${name}'`;
}

/** What makes tables and views, or changes nothing where they are there. */
export const LAYOUT: readonly string[] = [...TABLES, ...VIEWS, ...COUNTERS.map(counterView)];
