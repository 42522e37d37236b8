import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretMatch } from '../../../core/ai/provider.ts';
import { isCount, isPlaceholder, looksLikeName, SECRET_PATTERNS, type SecretPattern } from './secretPatterns.ts';

/** Shorter values are too likely to be a part of something else. */
const MIN_REPEATED = 8;
/** Each is one pass over the text. */
const MOST_REPEATED = 100;

/** Secrets in a text: secretlint's recommended rules and the patterns they leave out. Sorted, overlapping ones joined. */
export async function scanSecrets(path: string, text: string): Promise<SecretMatch[]> {
  const found = [...(await secretlintMatches(path, text)), ...patternMatches(path, text)];
  const inside = found.filter(({ start, end }) => end > start && start >= 0 && end <= text.length);
  return joined([...inside, ...repeated(text, inside)]);
}

async function secretlintMatches(path: string, text: string): Promise<SecretMatch[]> {
  // Texts that are no file's have no name; the rules want one.
  const name = path.split('/').at(-1) || 'text';
  const dot = name.lastIndexOf('.');
  const result = await lintSource({
    source: { filePath: name, content: text, ext: dot > 0 ? name.slice(dot) : '', contentType: 'text' },
    options: {
      // The file lies in nobody's folder as far as the rules are concerned: they must not read others beside it.
      noPhysicFilePath: true,
      config: {
        rules: [
          {
            id: '@secretlint/secretlint-rule-preset-recommend',
            rule: creator,
            // A comment in the repository must not decide that a secret is sent.
            rules: [{ id: '@secretlint/secretlint-rule-filter-comments', disabled: true }],
          },
        ],
      },
    },
  });
  return result.messages.map(({ range, ruleId, messageId }) => {
    // Its pattern for addresses of databases takes the quote that closes the literal along.
    const value = text.slice(range[0], range[1]).replace(/["'`]+[;,)]*$/, '');
    return { start: range[0], end: range[0] + value.length, kind: kindOf(ruleId, messageId) };
  });
}

/** `@secretlint/secretlint-rule-aws`, `AWSSecretAccessKey` to `aws-secret-access-key`. */
function kindOf(ruleId: string, messageId: string): string {
  const id = messageId
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
  if (id.includes('connection')) return 'database-password';
  return id.length < 6 ? `${ruleId.split('-rule-')[1] ?? 'secret'}-${id}` : id;
}

function patternMatches(path: string, text: string): SecretMatch[] {
  return SECRET_PATTERNS.flatMap((secret) => {
    if (secret.only !== undefined && !secret.only.test(path)) return [];
    return [...text.matchAll(secret.pattern)].flatMap((match) => {
      const [whole, ...groups] = match.indices ?? [];
      const range = groups.find((group) => group !== undefined) ?? whole;
      if (whole === undefined || range === undefined) return [];
      const [start, end] = range;
      if (!isSecret(secret, text.slice(start, end), text.slice(whole[0], start))) return [];
      return [{ start, end, kind: secret.kind }];
    });
  });
}

/** `before` is what the pattern matched in front of the value: the name, mostly. */
function isSecret({ sparePlaceholders, spareNames, accept }: SecretPattern, value: string, before: string): boolean {
  if (sparePlaceholders && (isPlaceholder(value) || isCount(before, value))) return false;
  if (spareNames && looksLikeName(value)) return false;
  return accept === undefined || accept(value);
}

/** A value that is known as a secret from one place is one wherever else it stands, whatever it is called there. */
function repeated(text: string, found: readonly SecretMatch[]): SecretMatch[] {
  const kinds = new Map<string, string>();
  for (const { start, end, kind } of found) {
    const value = text.slice(start, end);
    if (value.length >= MIN_REPEATED && kinds.size < MOST_REPEATED) kinds.set(value, kind);
  }
  const matches: SecretMatch[] = [];
  for (const [value, kind] of kinds) {
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
      matches.push({ start: at, end: at + value.length, kind });
    }
  }
  return matches;
}

function joined(matches: SecretMatch[]): SecretMatch[] {
  const result: SecretMatch[] = [];
  for (const match of matches.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || match.start >= last.end) result.push({ ...match });
    else last.end = Math.max(last.end, match.end);
  }
  return result;
}
