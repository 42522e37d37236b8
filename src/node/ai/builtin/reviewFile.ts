import type { RawFinding } from '../../../core/ai/finding.ts';
import type { SecretMatch } from '../../../core/ai/provider.ts';
import type { BiomeEngine } from './biomeEngine.ts';
import { splitLines, toRawFinding, type Diagnostic } from './diagnostic.ts';
import { engineFor } from './languages.ts';
import type { RuffEngine } from './ruffEngine.ts';
import { mask, secretFindings } from './secretFindings.ts';
import { scanSecrets } from './secretScan.ts';

/** The engines of one worker, each loaded when the first file of its languages comes. */
export class Engines {
  #biome: BiomeEngine | undefined;
  #ruff: RuffEngine | undefined;

  /** Everything the engines say about a file, in file order. */
  async review(path: string, text: string): Promise<RawFinding[]> {
    const secrets = await scanSecrets(path, text);
    const diagnostics = await this.#diagnostics(path, text);
    const lines = splitLines(text);
    const findings = [
      ...secretFindings(path, text, secrets),
      ...diagnostics.map((diagnostic) => withoutSecrets(text, toRawFinding(path, lines, diagnostic), secrets)),
    ];
    return findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }

  async #diagnostics(path: string, text: string): Promise<Diagnostic[]> {
    // An empty file is no mistake, whatever a grammar says.
    const engine = text.trim() === '' ? undefined : engineFor(path);
    if (engine === 'biome') {
      this.#biome ??= new (await import('./biomeEngine.ts')).BiomeEngine();
      return this.#biome.review(path, text);
    }
    if (engine === 'ruff') {
      this.#ruff ??= new (await import('./ruffEngine.ts')).RuffEngine();
      return this.#ruff.review(path, text);
    }
    return [];
  }
}

/** Engines quote what they read; a secret on the same lines is masked, and a fix that would carry it along is left out. */
function withoutSecrets(text: string, finding: RawFinding, secrets: readonly SecretMatch[]): RawFinding {
  const values = secrets.map(({ start, end }) => text.slice(start, end));
  const shows = (part: string | undefined) => part !== undefined && values.some((value) => part.includes(value));
  const { replacement, ...rest } = finding;
  const open = !shows(finding.quote) && !shows(replacement);
  if (open) return finding;
  const lines = splitLines(mask(text, secrets));
  return { ...rest, quote: lines.slice((rest.line ?? 1) - 1, rest.endLine).join('\n') };
}
