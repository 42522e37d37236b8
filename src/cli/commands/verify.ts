import type { VerifyResult } from '../../core/workflow/verify/result.ts';
import { type Context, defineCommand } from '../command.ts';
import { printableLines } from '../text/printable.ts';
import { verifyText } from '../text/verify.ts';
import { VERIFY_OPTIONS, verifyRequest, withoutHostCommands, writeSummaries } from '../verification.ts';

export const command = defineCommand({
  name: 'verify',
  usage: '[--base REF] [--workflow ID] [--rerun] [--check STEP=RESULT]… [--reviews FILE] [--sign STEP]',
  summary: "judge the branch by its base's policy, as CI does",
  details: [
    'Judges the committed head of the branch by the workflow, models, dismissals and owners of the base, so that a change cannot weaken',
    'what judges it. Recomputes what can be recomputed and says how far each step is proved; records are claims. Nothing of the branch',
    'runs unless --rerun is given. Exits 1 when something a step needs is not proved, 2 when it cannot be told.',
    'In CI the base comes from the event of the host, and reviews of the pull request through gh where it is installed.',
    '--sign STEP prints what a person signs to approve a step (or a waiver, or the change of the policy: @policy), and signs nothing.',
  ],
  options: VERIFY_OPTIONS,
  positionals: { name: 'nothing', min: 0, max: 0 },
  formats: ['text', 'json', 'sarif', 'markdown'],
  async run(context, options) {
    const request = verifyRequest(context, options);
    const verifier = await context.services.verifier();
    if (options.sign !== undefined) {
      const { showApproval } = await import('../approval.ts');
      return await showApproval(context, verifier, options.sign, request);
    }
    const result = await withoutHostCommands(context, options.rerun, async () => await verifier.verify(request));
    await writeSummaries(context, options, result);
    await show(context, result);
    return result.ok ? 0 : 1;
  },
});

async function show({ format, terminal }: Context, result: VerifyResult): Promise<void> {
  if (format === 'json') terminal.document(result);
  else if (format === 'sarif') {
    const [{ verifySarif }, { VERSION }] = await Promise.all([
      import('../../core/workflow/verify/verifySarif.ts'),
      import('../version.ts'),
    ]);
    terminal.document(verifySarif(result, VERSION));
  } else if (format === 'markdown') {
    const { verifyMarkdown } = await import('../../core/workflow/verify/verifyMarkdown.ts');
    terminal.writeOut(verifyMarkdown(result));
  } else terminal.line(verifyText(printableLines(result), (style, text) => terminal.style(style, text)));
}
