import type { SecretMatch } from '../../../core/ai/provider.ts';
import { isPlaceholder } from './secretValues.ts';

/** Values of `data` and `stringData` in manifests of `kind: Secret`, whatever their keys are called. */

const SECRET_KIND = /^kind:[ \t]{0,5}["']?Secret["']?[ \t]{0,5}\r?$/m;
const MAP = /^([ \t]{0,20})(?:data|stringData):[ \t]{0,10}\r?$/;
const ENTRY = /^([ \t]{1,40})[^\s#:][^:\n]{0,200}:[ \t]{1,10}(["']?)([^\s"'|>].{0,100000}?|[|>][+-]?\d?)\2[ \t]{0,20}\r?$/d;

export function kubernetesSecretMatches(path: string, text: string): SecretMatch[] {
  if (!/\.ya?ml$/i.test(path) || !SECRET_KIND.test(text)) return [];
  const found: SecretMatch[] = [];
  let offset = 0;
  for (const document of text.split(/^(?=---)/m)) {
    if (SECRET_KIND.test(document)) found.push(...valuesIn(document).map(({ start, end }) => match(offset + start, offset + end)));
    offset += document.length;
  }
  return found;
}

function match(start: number, end: number): SecretMatch {
  return { start, end, kind: 'kubernetes-secret' };
}

function valuesIn(document: string): { start: number; end: number }[] {
  const values: { start: number; end: number }[] = [];
  /** Indentation of the map that is open, and of an entry whose text is on the lines below. */
  let map: number | undefined;
  let block: number | undefined;
  let offset = 0;
  for (const line of document.split(/(?<=\n)/)) {
    const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    const isBlank = line.trim() === '';
    if (!isBlank && map !== undefined && indent <= map) map = block = undefined;
    if (!isBlank && block !== undefined && indent <= block) block = undefined;
    const opened = MAP.exec(line.replace(/\n$/, ''));
    if (opened) map = opened[1]?.length ?? 0;
    else if (block !== undefined && !isBlank) values.push({ start: offset + indent, end: offset + line.trimEnd().length });
    else if (map !== undefined) {
      const entry = ENTRY.exec(line.replace(/\n$/, ''));
      const [from, to] = entry?.indices?.[3] ?? [0, 0];
      const value = entry?.[3] ?? '';
      if (/^[|>]/.test(value)) block = indent;
      else if (value !== '' && !isPlaceholder(value)) values.push({ start: offset + from, end: offset + to });
    }
    offset += line.length;
  }
  return values;
}
