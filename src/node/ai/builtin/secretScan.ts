import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretMatch } from '../../../core/ai/provider.ts';
import { KnownSecrets } from '../../../core/ai/review/knownSecrets.ts';
import { joinedLiterals } from './joinedLiterals.ts';
import { kubernetesSecretMatches } from './kubernetesSecrets.ts';
import { privateKeyMatches } from './privateKeys.ts';
import { SECRET_PATTERNS, type SecretPattern } from './secretPatterns.ts';
import { isCount, isMask, isPlaceholder, looksLikeName } from './secretValues.ts';

/**
 * Secrets in a text: secretlint's recommended rules, the patterns they leave out, and every other place of what was found. Sorted,
 * overlapping ones joined.
 */
export async function scanSecrets(path: string, text: string): Promise<SecretMatch[]> {
  const known = new KnownSecrets();
  const found = await matchesIn(path, text, known);
  const whole = joinedLiterals(text);
  for (const { start, end, kind } of whole === undefined ? [] : await matchesIn(path, whole.text, known)) {
    const [from, to] = whole?.original(start, end) ?? [start, end];
    found.push({ start: from, end: to, kind });
  }
  return joined([...found, ...known.within(text)]);
}

async function matchesIn(path: string, text: string, known: KnownSecrets): Promise<SecretMatch[]> {
  const found = [
    ...(await secretlintMatches(path, text)),
    ...patternMatches(path, text),
    ...privateKeyMatches(text),
    ...kubernetesSecretMatches(path, text),
  ];
  const inside = found.filter(({ start, end }) => end > start && start >= 0 && end <= text.length);
  for (const { start, end, kind } of inside) known.add(text.slice(start, end), kind);
  return inside;
}

/** Longest name with its signs that a rule may have taken for the secret's place. */
const MAX_NAME = 400;

type SecretlintMessage = Awaited<ReturnType<typeof lintSource>>['messages'][number];

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
  return result.messages.flatMap((message) => {
    // Private keys have a search of their own, which takes no more than the key.
    if (/-rule-(?:privatekey|gcp)$/.test(message.ruleId)) return [];
    const [start, end] = placeOf(text, message);
    if (isMask(text.slice(start, end))) return [];
    return [{ start, end, kind: kindOf(message.ruleId, message.messageId) }];
  });
}

/** Where what a rule found really stands: several rules name the place of the name before it, and some take too much along. */
function placeOf(text: string, { range: [from, to], data, ruleId }: SecretlintMessage): [number, number] {
  const told = Object.values(data ?? {}).find((value) => typeof value === 'string' && value !== text.slice(from, to));
  const at = typeof told === 'string' ? text.indexOf(told, from) : -1;
  const [start, end] = typeof told === 'string' && at >= 0 && at - from < MAX_NAME ? [at, at + told.length] : [from, to];
  // An address ends at the quote that closes its literal, and a value of `.npmrc` with its word: what follows may be code.
  const cut = /-rule-(?:database-connection-string|npm)$/.test(ruleId) ? text.slice(start, end).search(/["'`\s<>(){};]/) : -1;
  return [start, cut < 0 ? end : start + cut];
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

function joined(matches: SecretMatch[]): SecretMatch[] {
  const result: SecretMatch[] = [];
  for (const match of matches.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || match.start >= last.end) result.push({ ...match });
    else last.end = Math.max(last.end, match.end);
  }
  return result;
}
