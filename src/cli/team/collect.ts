import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { Answer, Context } from '../command.ts';

/** `handrail team collect`: brings what people sent into a folder, sealed as it is. */
export async function collect(context: Context, { from, out }: { from: string | undefined; out: string | undefined }): Promise<Answer> {
  const { cwd, root, env, signal, format, terminal } = context;
  if (from === undefined || out === undefined || from === '' || out === '') {
    throw new HandrailError('usage', 'From where, and into which folder?', {
      hint: 'For example handrail team collect --from git:origin --out contributions',
    });
  }
  const collecting = await import('../../node/team/release/collect.ts');
  const done = await collecting.collect(from, resolve(cwd, out), { root, env, signal });
  if (format === 'json') terminal.document(done);
  else {
    const skipped = done.skipped === 0 ? '' : ` ${done.skipped} are no contributions and were left.`;
    const unreadable =
      done.unreadable === undefined ? '' : ` ${done.unreadable} may not be read by you: ask who runs the folder to let you read them.`;
    const released = done.released === undefined ? '' : ` ${done.released} of weeks that are released were left where they are.`;
    terminal.line(`${done.added} new contributions, ${done.known} known already.${skipped}${unreadable}${released}`);
  }
  return 0;
}
