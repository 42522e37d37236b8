import type { Node } from './nodes.ts';

/**
 * Brings the rows that are shown to what they should be, keeping those that did not change: while the editor rebuilds a row, a click
 * on it loses its step. Returns the rows to draw again, or `all` where some came, went or moved; `shown` is changed in place.
 */
export function reconcile(shown: Node[], wanted: readonly Node[]): Node[] | 'all' {
  if (!hasSameRows(shown, wanted)) {
    const known = new Map(shown.map((node) => [node.item.id, node]));
    const next = wanted.map((node) => Object.assign(known.get(node.item.id) ?? node, node));
    shown.splice(0, shown.length, ...next);
    return 'all';
  }
  const changed: Node[] = [];
  shown.forEach((node, i) => {
    const fresh = wanted[i];
    if (fresh === undefined || JSON.stringify(node) === JSON.stringify(fresh)) return;
    Object.assign(node, fresh);
    changed.push(node);
  });
  return changed;
}

function hasSameRows(shown: readonly Node[], wanted: readonly Node[]): boolean {
  return shown.length === wanted.length && shown.every((node, i) => node.item.id === wanted[i]?.item.id);
}
