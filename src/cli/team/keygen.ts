import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { Answer, Context } from '../command.ts';

/** `handrail team keygen`: a new key pair, written to a new file; prints the public half. */
export async function keygen({ terminal, format, cwd }: Context, out: string | undefined): Promise<Answer> {
  if (out === undefined || out === '') {
    throw new HandrailError('usage', 'Where should the key be written?', {
      hint: 'For example handrail team keygen --out ~/team-key.json, outside of any repository.',
    });
  }
  const [{ newTeamKey }, { requireUncommitted }, { writePrivate }] = await Promise.all([
    import('../../node/team/keys.ts'),
    import('../../node/team/keyPlace.ts'),
    import('../../node/team/secretFile.ts'),
  ]);
  const path = resolve(cwd, out);
  await requireUncommitted(path);
  const key = await newTeamKey();
  await writePrivate(path, `${JSON.stringify(key)}\n`, `${path} is there already, and a key is never written over.`);
  if (format === 'json') terminal.document({ path, keyId: key.keyId, publicKey: key.publicKey });
  else terminal.line(key.publicKey);
  terminal.note(`The private key is in ${path}. Keep it where only CI or the works council can read it.`);
  return 0;
}
