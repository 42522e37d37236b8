import { HandrailError } from '../../core/errors.ts';
import type { ReviewService } from '../../core/ai/service.ts';
import { defineCommand } from '../command.ts';
import { printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'dismiss',
  usage: 'FINDING --reason R [--expires D] [--team]',
  summary: 'remember that a finding does not apply',
  details: [
    'FINDING is the id that `handrail review` shows, or the beginning of it. The finding stays dismissed in later reviews, also when',
    'the code around it moves. --team writes it to .handrail/dismissals.yml, for everyone; otherwise it is yours alone.',
  ],
  options: {
    reason: { type: 'string', value: 'R', summary: 'why it does not apply' },
    expires: { type: 'string', value: 'D', summary: 'until when: 14d, or a date such as 2026-12-31' },
    team: { type: 'boolean', summary: 'for everyone, in .handrail/dismissals.yml' },
  },
  positionals: { name: 'FINDING', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format }, { reason, expires, team }, [wanted = '']) {
    if (reason === undefined || reason.trim() === '') {
      throw new HandrailError('usage', 'A dismissal needs a reason.', { hint: `Say why: handrail dismiss ${wanted} --reason "…"` });
    }
    const service = await services.review();
    const id = await fullId(service, wanted);
    const finding = await service.dismiss(id, { reason, team, ...(expires === undefined ? {} : { expires }) });
    if (format === 'json')
      terminal.document({ dismissed: { id: finding.id, reason, team, ...(expires === undefined ? {} : { expires }) }, finding });
    else {
      const { title, file, startLine } = printableData(finding);
      terminal.line(`Dismissed ${team ? 'for the team' : 'for you'}: ${file}${startLine === undefined ? '' : `:${startLine}`} ${title}`);
      if (team) terminal.line('Commit .handrail/dismissals.yml to share it.');
    }
    return 0;
  },
});

/** The id that `wanted` begins. Fails with `not-found` when no finding of the last review has it, `usage` when several have. */
async function fullId(service: ReviewService, wanted: string): Promise<string> {
  const ids = (await service.findings()).map(({ id }) => id);
  if (ids.includes(wanted)) return wanted;
  const matching = ids.filter((id) => id.startsWith(wanted));
  const [only, ...others] = matching;
  if (only === undefined) {
    throw new HandrailError('not-found', `The last review has no open finding ${JSON.stringify(wanted)}.`, {
      hint: ids.length === 0 ? 'Run handrail review first.' : 'handrail review shows the id of each finding.',
    });
  }
  if (others.length > 0) {
    throw new HandrailError('usage', `${matching.length} findings begin with ${JSON.stringify(wanted)}.`, {
      hint: `Use more of the id: ${matching.slice(0, 4).join(', ')}.`,
    });
  }
  return only;
}
