import type { Hunk } from './hunks.ts';
import { splitLines, type LineRange } from './lines.ts';

/** A file as it goes through a review. */
export interface ReviewUnit {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  text: string;
  /** What changed; absent when the whole file is under review. */
  hunks?: Hunk[];
  /** Lines that are under review when it is neither the file nor a change; from 1, both ends inclusive. */
  selection?: LineRange;
}

/** UTF-16 units. Longer files are data or made by a program, and no engine reads them in reasonable time. */
export const MAX_REVIEW_LENGTH = 1_000_000;

const LOCK_FILES: ReadonlySet<string> = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'deno.lock',
  'cargo.lock',
  'poetry.lock',
  'uv.lock',
  'pipfile.lock',
  'gemfile.lock',
  'composer.lock',
  'go.sum',
  'flake.lock',
  'packages.lock.json',
]);
const VENDORED: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  'vendor',
  'third_party',
  'third-party',
  'site-packages',
  '.venv',
  '.yarn',
]);
const BUILT = /(?:\.min\.(?:js|css|mjs)|\.bundle\.js|\.map|\.pb\.go|_pb2(?:_grpc)?\.pyi?|\.g\.dart|\.designer\.cs|\.snap)$/iu;
const GENERATED_NOTE =
  /@generated\b|\bcode generated\b.{0,80}\bdo not edit\b|<auto-?generated>|\bautomatically generated\b.{0,80}\bdo not (?:edit|modify)\b/iu;
const NOTE_LINES = 10;
/** Code has shorter lines on average; minified code and data do not. */
const MINIFIED_AVERAGE = 400;
const MINIFIED_MIN_LENGTH = 5000;

/** Why a file of this path is not read, judging by its name; undefined when it is. */
export function skipByPath(path: string): string | undefined {
  const segments = path.split('/');
  // On file systems that do not tell the case of names apart, `.GIT` is the same folder.
  if (segments.some((segment) => segment.toLowerCase() === '.git')) return "git's own data";
  // It quotes what was dismissed, which a reviewer would find there once more.
  if (path === '.handrail/dismissals.yml') return "the team's dismissals";
  if (path.startsWith('.handrail/evidence/')) return 'evidence of the workflow';
  const name = (segments.at(-1) ?? '').toLowerCase();
  const folder = segments.slice(0, -1).find((segment) => VENDORED.has(segment.toLowerCase()));
  if (folder !== undefined) return `vendored: it is in ${folder}/`;
  if (LOCK_FILES.has(name)) return 'generated: a lock file';
  if (BUILT.test(name)) return 'generated: made by a tool, judging by its name';
  return undefined;
}

/** Why a text is not reviewed; undefined when it is. */
export function skipByText(text: string): string | undefined {
  if (text.includes('\0')) return 'binary';
  if (text.length > MAX_REVIEW_LENGTH) return `too large: more than ${MAX_REVIEW_LENGTH / 1_000_000} million characters`;
  const lines = splitLines(text);
  if (lines.slice(0, NOTE_LINES).some((line) => GENERATED_NOTE.test(line.slice(0, 400)))) return 'generated: its first lines say so';
  if (text.length > MINIFIED_MIN_LENGTH && text.length / lines.length > MINIFIED_AVERAGE)
    return 'minified: its lines are too long to be written by hand';
  return undefined;
}
