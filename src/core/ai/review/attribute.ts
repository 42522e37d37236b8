import type { RawFinding } from '../finding.ts';
import type { PreparedUnit } from './prepare.ts';

/**
 * The file a finding is about. Of those asked about, the one named, one whose path ends so, or the one that holds the quote; else
 * another file of the review that is named outright; else the first one asked about.
 */
export function fileOf(raw: RawFinding, asked: readonly PreparedUnit[], all: readonly PreparedUnit[] = asked): PreparedUnit | undefined {
  const named = raw.file.replaceAll('\\', '/').replace(/^(?:\.?\/|[ab]\/)/u, '');
  const isNamed = ({ unit }: PreparedUnit): boolean => unit.path === raw.file || unit.path === named;
  const exact = asked.find(isNamed);
  if (exact) return exact;
  const bySuffix = asked.filter(({ unit }) => named !== '' && (unit.path.endsWith(`/${named}`) || named.endsWith(`/${unit.path}`)));
  if (bySuffix.length === 1) return bySuffix[0];
  const holding = asked.filter(({ placer }) => placer.fromModel(raw).anchor.status === 'exact');
  return holding.length === 1 ? holding[0] : (all.find(isNamed) ?? asked[0]);
}
