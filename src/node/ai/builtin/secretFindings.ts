import type { RawFinding } from '../../../core/ai/finding.ts';
import type { SecretMatch } from '../../../core/ai/provider.ts';
import { splitLines } from './diagnostic.ts';

/** Secrets as findings. Neither message nor quote holds the secret: a marker stands in its place. */
export function secretFindings(path: string, text: string, secrets: readonly SecretMatch[]): RawFinding[] {
  const masked = splitLines(mask(text, secrets));
  return secrets.map(({ start, end, kind }) => {
    const line = lineAt(text, start);
    const endLine = Math.min(lineAt(text, Math.max(start, end - 1)), line + 2);
    return {
      file: path,
      line,
      endLine,
      severity: 'high',
      category: 'secret',
      title: `A secret is in the file (${kind.replaceAll('-', ' ')}).`,
      message:
        'Whoever can read the repository, now or in its history, can use it. Make it invalid where it was issued, and read the new one from the environment or a secret store.',
      rule: `secret/${kind}`,
      quote: masked.slice(line - 1, endLine).join('\n'),
    };
  });
}

/** The text with every secret replaced by `[redacted:kind]`, line by line so that lines keep their numbers. */
export function mask(text: string, secrets: readonly SecretMatch[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, kind } of secrets) {
    const marker = text.slice(start, end).replaceAll(/[^\r\n]+/g, `[redacted:${kind}]`);
    result += text.slice(at, start) + marker;
    at = end;
  }
  return result + text.slice(at);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
