import { replaceHiddenRuns } from '../hiddenCharacters.ts';

/**
 * Text of others as a model gets it: what cannot be seen is written out, and what some servers take for the end of a turn is broken
 * up, so that it stays text. Every mark can be turned back, since models quote what they were shown.
 *
 * `⟦U+202E⟧` stands for hidden characters, `⟦<⟧` for a sign that would begin a control token, `⟦⟦⟧` for the bracket itself.
 */

/**
 * Control tokens of chat templates. Servers of open models (llama.cpp, Ollama, vLLM) read them out of any text. From the published
 * templates and tokenizers of Llama, Qwen, Phi, gpt-oss, Mistral, Gemma, DeepSeek, GLM, Command and StarCoder.
 */
const TOKEN =
  /<(?=\|[^|<>\n]{1,60}\|>|\uff5c[^\uff5c<>\n]{1,60}\uff5c>|<\/?SYS>>|\/?s>|(?:unk|pad|bos|eos|mask|sop|eop)>|(?:start|end)_of_(?:turn|image)>|\/?(?:tool_call|tool_response|tools|think)>|(?:BOS|EOS)_TOKEN>|(?:fim_(?:prefix|middle|suffix|pad)|file_sep|repo_name)>|(?:unused|extra_id_)\d{1,4}>)|\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|TOOL_CONTENT|MODEL_SETTINGS|PREFIX|MIDDLE|SUFFIX|THINK|IMG|gMASK|sMASK)\])|\u27e6/gu;

const MARK = /\u27e6(?:([<[\u27e6])|(U\+[0-9A-F]{4,6}(?:\u00d7\d{1,5})?(?: U\+[0-9A-F]{4,6}(?:\u00d7\d{1,5})?)*))\u27e7/gu;

/** Begins the mark of hidden characters. */
export const HIDDEN_MARK = '\u27e6U+';
/** What marks may become altogether; a model can write large numbers. In UTF-16 units. */
const MAX_HIDDEN = 20_000;

/** Begins every mark. */
export const ANY_MARK = '\u27e6';

/** Lines stay lines. */
export function shownText(text: string): string {
  return showHidden(text.replace(TOKEN, (sign) => `\u27e6${sign}\u27e7`));
}

/** Hidden characters written out, everything else as it is; for people. */
export function showHidden(text: string): string {
  return replaceHiddenRuns(text, (run) => `${ANY_MARK}${codes(run)}\u27e7`);
}

/** What a model wrote, with the characters in the place of their marks. */
export function asWritten(text: string): string {
  if (!text.includes(ANY_MARK)) return text;
  let left = MAX_HIDDEN;
  return text.replace(MARK, (mark, sign: string | undefined, run: string | undefined) => {
    if (sign !== undefined) return sign;
    const parts = partsOf(run ?? '');
    left -= parts.reduce((sum, { count }) => sum + 2 * count, 0);
    return left < 0 ? mark : parts.map(({ character, count }) => character.repeat(count)).join('');
  });
}

/** `U+200B`, or `U+0301×12` for the same one over and over. */
function codes(run: string): string {
  const counted: { character: string; count: number }[] = [];
  for (const character of run) {
    const last = counted.at(-1);
    if (last?.character === character && last.count < 99_999) last.count++;
    else counted.push({ character, count: 1 });
  }
  return counted
    .map(({ character, count }) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      return `U+${code}${count > 1 ? `\u00d7${count}` : ''}`;
    })
    .join(' ');
}

function partsOf(run: string): { character: string; count: number }[] {
  return run.split(' ').map((one) => {
    const [code = '', count = '1'] = one.slice(2).split('\u00d7');
    const point = Number.parseInt(code, 16);
    return { character: point > 0x10ffff ? one : String.fromCodePoint(point), count: Number(count) };
  });
}
