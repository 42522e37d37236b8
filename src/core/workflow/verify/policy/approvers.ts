import type { Approvers } from '../../definition.ts';
import { listDifference, notice, type PolicyChange, relaxed } from './change.ts';

/** Fewer who may, and more who may not, is stricter; anything else is relaxed. */
export function compareApprovers(before: Approvers, after: Approvers): PolicyChange[] {
  const may = listDifference(before.anyOf, after.anyOf);
  const mayNot = listDifference(before.not, after.not);
  return [
    ...(may.added.length > 0 ? [relaxed(`may also be approved by ${may.added.join(', ')}`)] : []),
    ...(mayNot.gone.length > 0 ? [relaxed(`no longer keeps out ${mayNot.gone.join(', ')}`)] : []),
    ...(may.gone.length > 0 && may.added.length === 0 ? [notice(`may no longer be approved by ${may.gone.join(', ')}`)] : []),
    ...(mayNot.added.length > 0 ? [notice(`also keeps out ${mayNot.added.join(', ')}`)] : []),
  ];
}
