import { relative, resolve, sep } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { didYouMean } from '../arguments.ts';
import { defineCommand } from '../command.ts';

const WORDS = ['keygen'] as const;

export const command = defineCommand({
  name: 'team',
  usage: 'keygen --out FILE',
  summary: "what a lead or CI does for a team's figures",
  details: [
    'keygen  makes a key pair: writes both halves to a new file that only you can read, and prints the public one for',
    '        publicKey in .handrail/telemetry.yml',
    '',
    "Who has the file can open every contribution of the team. It belongs into CI's secrets or with the works council, never into",
    'the repository.',
  ],
  options: { out: { type: 'string', value: 'FILE', summary: 'with keygen: the new file' } },
  positionals: { name: 'keygen', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ terminal, format, cwd, root }, { out }, [word = '']) {
    if (!WORDS.some((one) => one === word)) {
      throw new HandrailError('usage', `There is no handrail team ${JSON.stringify(word)}.`, {
        hint: didYouMean(word, WORDS) ?? `Use handrail team ${WORDS.join('|')}.`,
      });
    }
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
  },
});
