import { LANGUAGE_NAMES } from '../../core/ai/eval/case.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'eval',
  usage: '[--model NAME|--role ROLE] [--language L]… [--case ID]… [--out FILE] [--compare A.json [B.json]] [--common] [--list]',
  summary: 'measure a reviewer on changes with known bugs',
  details: [
    'Reviews changes with one seeded bug each, and changes that have nothing wrong with them, the way handrail review would, and counts:',
    'how many bugs are found, how many clean changes are left alone, how many findings are wrong, tokens, cost and time.',
    'Nothing of the workspace is sent. Without a configured model the built-in reviewer is measured.',
    '--compare A.json measures and compares with an earlier report; --compare A.json B.json compares two reports and measures nothing.',
    'Interrupted, it keeps what was measured. Exits 0 whatever the figures are.',
  ],
  options: {
    model: {
      type: 'string',
      value: 'NAME',
      summary: 'this model of models.yml, an assistant (claude-code, codex, gemini-cli), or builtin',
    },
    role: { type: 'string', value: 'ROLE', summary: 'the role of models.yml that answers (default: review)' },
    language: {
      type: 'string',
      multiple: true,
      value: 'L',
      choices: LANGUAGE_NAMES,
      summary: `only cases of this language (${LANGUAGE_NAMES.join(', ')})`,
    },
    case: { type: 'string', multiple: true, value: 'ID', summary: 'only this case' },
    out: { type: 'string', value: 'FILE', summary: 'write the report as JSON, also when it ends early' },
    compare: { type: 'string', value: 'A.json', summary: 'compare with this report' },
    common: { type: 'boolean', summary: 'compare only the cases that both reports measured' },
    list: { type: 'boolean', summary: 'name the cases and measure nothing' },
  },
  positionals: { name: 'B.json', min: 0, max: 1 },
  formats: ['text', 'json'],
  async run(context, options, [other]) {
    const { model, role, language, case: ids, out, compare, common, list } = options;
    if (role !== undefined && model !== undefined) {
      throw new HandrailError('usage', '--role and --model exclude each other.', { hint: 'Give one of them.' });
    }
    if (other !== undefined && compare === undefined) {
      throw new HandrailError('usage', `handrail eval does not take ${JSON.stringify(other)}.`, {
        hint: 'To compare two reports: handrail eval --compare A.json B.json',
      });
    }
    const evaluation = await import('../evaluation.ts');
    if (list) return evaluation.listCases(context, { languages: language, ids });
    if (compare !== undefined && other !== undefined) return evaluation.compareFiles(context, compare, other, { common });
    return evaluation.evaluate(context, {
      request: { ...(role === undefined ? {} : { role }), ...(model === undefined ? {} : { model }) },
      wanted: { languages: language, ids },
      out,
      compare,
      common,
    });
  },
});
