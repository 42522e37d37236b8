import type { RawFinding } from '../finding.ts';
import type { PreparedUnit } from './prepare.ts';

/** The file a finding is about: the one named, one whose path ends so, the only one asked about, or the one that holds the quote. */
export function fileOf(raw: RawFinding, asked: readonly PreparedUnit[]): PreparedUnit | undefined {
  const named = raw.file.replaceAll('\\', '/').replace(/^(?:\.?\/|[ab]\/)/u, '');
  const exact = asked.find(({ unit }) => unit.path === raw.file || unit.path === named);
  if (exact) return exact;
  const told = asked.filter(({ shownPath }) => shownPath === raw.file);
  if (told.length === 1) return told[0];
  const bySuffix = asked.filter(({ unit }) => named !== '' && (unit.path.endsWith(`/${named}`) || named.endsWith(`/${unit.path}`)));
  if (bySuffix.length === 1) return bySuffix[0];
  const holding = asked.filter(({ placer }) => placer.fromModel(raw).anchor.status === 'exact');
  return holding.length === 1 ? holding[0] : asked[0];
}
