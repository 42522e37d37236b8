import { HandrailError } from '../core/errors.ts';
import type { Verifier, VerifyRequest } from '../core/workflow/verify/service.ts';
import type { Answer, Context } from './command.ts';

/**
 * Prints what a person signs to approve a step, and the command that signs it. Refused to agents and machines: nothing of ours helps them
 * approve. It signs nothing itself.
 */
export async function showApproval(
  { actor, terminal, format }: Context,
  verifier: Verifier,
  step: string,
  request: VerifyRequest,
): Promise<Answer> {
  if (actor !== 'human') {
    terminal.note(
      `handrail: An approval is a person's, and this is ${actor === 'agent' ? 'an agent' : 'a machine'}. A person signs it on a terminal.`,
    );
    if (format === 'json') terminal.document({ refused: 'An approval is given by a person on a terminal.' });
    return 1;
  }
  const { lines, tag, head } = await verifier.approvalToSign(step, request);
  if (format === 'json') terminal.document({ tag, head, message: lines });
  else if (format === 'text') {
    // One paragraph a line: every shell takes it, and blank lines do not matter in the message.
    const message = lines.map((line) => `-m "${line}"`).join(' ');
    terminal.line('You approve this content, by your signature:');
    terminal.line();
    for (const line of lines) terminal.line(`    ${line}`);
    terminal.line();
    terminal.line('Sign it with the SSH key that .handrail/signers of the base names you by, and share the tag:');
    terminal.line();
    terminal.line(`    ${terminal.style('cyan', `git -c gpg.format=ssh tag --sign ${message} ${tag} ${head}`)}`);
    terminal.line(`    ${terminal.style('cyan', `git push origin refs/tags/${tag}`)}`);
  } else throw new HandrailError('usage', '--sign prints text or JSON.', { hint: 'Leave --format out.' });
  return 0;
}
