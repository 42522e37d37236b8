import { HandrailError } from '../core/errors.ts';
import { declaredActor } from '../node/actor.ts';
import type { Context } from './command.ts';

/**
 * Refuses what only a person decides. A script of theirs may carry it with `--yes`; who acts in their place cannot give it.
 * `sentence` says what does not happen, for `an agent` or `a machine`.
 */
export function requirePerson({ env, actor, terminal }: Context, sentence: (who: string) => string): void {
  const declared = terminal.interactive && actor === 'human' ? undefined : declaredActor(env);
  if (declared === undefined) return;
  throw new HandrailError('usage', sentence(declared === 'agent' ? 'an agent' : 'a machine'), {
    hint: 'A person does it, in the editor or on a terminal.',
  });
}

/** Refuses a question that nobody could see; `said` is the command that answers it. */
export function requireTerminal({ terminal }: Context, said: string): void {
  if (terminal.interactive) return;
  throw new HandrailError('usage', 'This asks a question, and there is no terminal to ask on.', { hint: `Say it with ${said}.` });
}
