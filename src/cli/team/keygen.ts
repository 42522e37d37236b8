import { relative, resolve, sep } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { Answer, Context } from '../command.ts';

/** `handrail team keygen`: a new key pair, written to a new file; prints the public half. */
export async function keygen({ terminal, format, cwd, root }: Context, out: string | undefined): Promise<Answer> {
  if (out === undefined || out === '') {
    throw new HandrailError('usage', 'Where should the key be written?', {
      hint: 'For example handrail team keygen --out team-key.json',
    });
  }
  const [{ newTeamKey }, { writePrivate }] = await Promise.all([
    import('../../node/team/keys.ts'),
    import('../../node/team/secretFile.ts'),
  ]);
  const path = resolve(cwd, out);
  const key = await newTeamKey();
  await writePrivate(path, `${JSON.stringify(key)}\n`, `${path} is there already, and a key is never written over.`);
  if (format === 'json') terminal.document({ path, keyId: key.keyId, publicKey: key.publicKey });
  else terminal.line(key.publicKey);
  const inside = relative(root, path);
  const isInside = inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !/^[a-z]:/i.test(inside);
  terminal.note(
    `The private key is in ${path}. Keep it where only CI or the works council can read it.${isInside ? ' It lies in this folder: do not commit it.' : ''}`,
  );
  return 0;
}
