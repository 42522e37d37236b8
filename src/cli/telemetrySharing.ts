import { HandrailError } from '../core/errors.ts';
import type { Contributor, SentWeeks, Withdrawn } from '../node/team/contributor.ts';
import type { Answer, Context } from './command.ts';
import { previewText, sentText, withdrawnText } from './text/sharing.ts';

/** `handrail telemetry preview`, `contribute` and `link`: what a person gives their team. */

export interface SharingOptions {
  yes: boolean;
  automatic: boolean;
  assistants: boolean;
  due: boolean;
  off: boolean;
  for: string | undefined;
  answer: string | undefined;
}

/** Asks a person, or fails where none can be asked. */
export interface Asking {
  /** Consent is a person's: fails where somebody acts in their place. */
  refuseActor(): void;
  confirm(question: string, said: string): Promise<boolean>;
}

export async function preview({ terminal, format, services }: Context, { assistants }: SharingOptions): Promise<Answer> {
  const found = await (await services.contributor()).preview(assistants ? { assistants } : {});
  if (format === 'json') terminal.document(found);
  else terminal.line(previewText(found));
  return 0;
}

export async function contribute(context: Context, options: SharingOptions, asking: Asking): Promise<Answer> {
  const { terminal, format, services, signal } = context;
  if ([options.off, options.due, options.automatic].filter(Boolean).length > 1) {
    throw new HandrailError('usage', '--off, --due and --automatic exclude each other.', { hint: 'Use one of them.' });
  }
  const contributor = await services.contributor();
  if (options.off) {
    return reportWithdrawn(context, await contributor.withdraw(signal));
  }
  if (options.due) return report(context, contributor, await contributor.send({ due: true, signal }));
  asking.refuseActor();
  contributor.requireReady();
  const found = await contributor.preview(options.assistants ? { assistants: true } : {});
  // Sending what is ready now does not end that further weeks leave by themselves.
  const automatic = options.automatic || (found.state.sharing && found.state.automatic);
  if (format === 'text') terminal.line(previewText(found));
  const question = options.automatic ? `Share such weeks with team ${found.team} from now on?` : `Share this with team ${found.team}?`;
  if (!options.yes && !(await asking.confirm(question, 'handrail telemetry contribute --yes'))) {
    terminal.note('Nothing was shared.');
    return 1;
  }
  await contributor.agree({ automatic, assistants: found.assistants, seen: found });
  return report(context, contributor, await contributor.send({ due: options.automatic, signal }));
}

async function report({ terminal, format }: Context, contributor: Contributor, done: SentWeeks): Promise<Answer> {
  const { team, state } = await contributor.preview();
  const { sent, queued, failed = [] } = done;
  const told = { team, state, sent, queued: reasonsOf(queued), ...(failed.length === 0 ? {} : { failed: reasonsOf(failed) }) };
  if (format === 'json') terminal.document(told);
  else terminal.line(sentText(done, { automatic: state.sharing && state.automatic }));
  const [first] = [...queued, ...failed];
  if (first !== undefined) throw first.failure;
  return 0;
}

function reportWithdrawn({ terminal, format }: Context, withdrawn: Withdrawn): Answer {
  if (format === 'json') terminal.document({ ...withdrawn, unreached: reasonsOf(withdrawn.unreached) });
  else terminal.line(withdrawnText(withdrawn));
  const [first] = withdrawn.unreached;
  if (first === undefined) return 0;
  const { reason, message } = first.failure;
  throw new HandrailError(reason, `${first.week} could not be taken back. ${message}`, {
    hint: 'Say it again when it can be reached: handrail telemetry contribute --off',
    cause: first.failure,
  });
}

function reasonsOf(weeks: SentWeeks['queued']): { week: string; reason: string }[] {
  return weeks.map(({ week, failure: { reason } }) => ({ week, reason }));
}

export async function link(context: Context, options: SharingOptions, asking: Asking): Promise<Answer> {
  const { terminal, format, services, env } = context;
  const [{ handrailHome }, { telemetryPaths }, linking, telemetry] = await Promise.all([
    import('../node/home.ts'),
    import('../node/telemetry/paths.ts'),
    import('../node/team/link.ts'),
    services.telemetry(),
  ]);
  const places = linking.linkFiles(telemetryPaths(handrailHome(env)));
  const say = (document: Record<string, unknown>, text: string): Answer => {
    if (format === 'json') terminal.document(document);
    else terminal.line(text);
    return 0;
  };
  asking.refuseActor();
  if (!telemetry.state().recording) {
    throw new HandrailError('config', 'Telemetry is off, so there is nothing to link.', {
      hint: 'Turn it on first: handrail telemetry on',
    });
  }
  if (options.for !== undefined) {
    const question = 'Is the request from a device of your own? Whoever gets the answer counts as you.';
    if (!options.yes && !(await asking.confirm(question, `handrail telemetry link --for ${options.for} --yes`))) {
      terminal.note('Nothing was linked.');
      return 1;
    }
    const answer = await linking.answerLink(places, options.for);
    return say({ answer }, `On the other device: handrail telemetry link --answer ${answer}`);
  }
  if (options.answer !== undefined) {
    await linking.acceptLink(places, options.answer);
    return say({ linked: true }, LINKED);
  }
  const isFirst =
    options.yes || (terminal.interactive && (await asking.confirm('Is this the first device, or the only one, that you share from?', '')));
  if (isFirst) {
    await linking.linkFirst(places);
    return say({ linked: true }, LINKED);
  }
  const request = await linking.requestLink(places);
  return say(
    { linked: false, request },
    `On a device that is linked: handrail telemetry link --for ${request}\nThen here: handrail telemetry link --answer ANSWER, with what it prints.`,
  );
}

const LINKED = 'This device is linked. Nothing is shared before you say so: handrail telemetry contribute';
