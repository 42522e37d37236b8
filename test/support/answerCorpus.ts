import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RawFinding } from '../../src/core/ai/finding.ts';

const FOLDER = path.resolve(import.meta.dirname, '../corpus/answers');
/** Stands in the recorded texts behind the brace that completes a finding. */
const END_MARK = '␞';

/** An answer as models give them, and what it says. */
export interface RecordedAnswer {
  name: string;
  text: string;
  /** Its findings in order. */
  findings: RawFinding[];
  /** Offsets in `text` behind each finding. */
  ends: number[];
}

/** Every answer of `test/corpus/answers`: `NAME.txt` is the text, `NAME.json` its findings. */
export function recordedAnswers(): RecordedAnswer[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  return names.sort().map((file) => {
    const name = file.slice(0, -'.txt'.length);
    const pieces = readFileSync(path.join(FOLDER, file), 'utf8').split(END_MARK);
    const findings = JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as RawFinding[];
    let length = 0;
    const ends = pieces.slice(0, -1).map((piece) => (length += piece.length));
    if (ends.length !== findings.length) throw new Error(`${name} marks ${ends.length} findings and names ${findings.length}.`);
    return { name, text: pieces.join(''), findings, ends };
  });
}
