import type { RawFinding } from '../finding.ts';
import type { PreparedUnit } from './prepare.ts';

/**
 * The file a finding is about: one that is named outright, first of those asked about, then of the whole review; else of those asked
 * about one whose path ends so, or the one that holds the quote, or the first. A file that holds the quote by chance, such as a list of
 * earlier findings, must not win over the one that is named.
 */
export function fileOf(raw: RawFinding, asked: readonly PreparedUnit[], all: readonly PreparedUnit[] = asked): PreparedUnit | undefined {
  const named = raw.file.replaceAll('\\', '/').replace(/^(?:\.?\/|[ab]\/)/u, '');
  const isNamed = ({ unit }: PreparedUnit): boolean => unit.path === raw.file || unit.path === named;
  const exact = asked.find(isNamed) ?? all.find(isNamed);
  if (exact) return exact;
  const told = asked.filter(({ shownPath }) => shownPath === raw.file);
  if (told.length === 1) return told[0];
  const bySuffix = asked.filter(({ unit }) => named !== '' && (unit.path.endsWith(`/${named}`) || named.endsWith(`/${unit.path}`)));
  if (bySuffix.length === 1) return bySuffix[0];
  const holding = asked.filter(({ placer }) => placer.fromModel(raw).anchor.status === 'exact');
  return holding.length === 1 ? holding[0] : asked[0];
}
