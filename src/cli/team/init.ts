import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { parseTeam } from '../../core/team/teamFile.ts';
import { draftProblem, type TeamDraft, teamFileText } from '../../core/team/teamFileText.ts';
import { TEAM_FILE } from '../../node/team/teamFile.ts';
import type { Answer, Context } from '../command.ts';
import { requireTerminal } from '../personsChoice.ts';
import { initText, type InitialisedTeam } from '../text/teamInit.ts';
import { answeredByFlags, answeredByPerson, linkedNotes, type TeamAnswers, usualDraft } from './teamQuestions.ts';

export interface InitFlags extends TeamAnswers {
  key: string | undefined;
  'public-key': string | undefined;
  ci: string | undefined;
  yes: boolean;
}

/**
 * `handrail team init`: writes `.handrail/telemetry.yml` and, unless the public half of one is given, a new key. Never writes over
 * anything. With `--ci` prints the job that releases, and writes nothing.
 */
export async function init(context: Context, flags: InitFlags): Promise<Answer> {
  const { terminal, root, format } = context;
  if (flags.ci !== undefined) return (await import('./printJob.ts')).printJob(context, flags.ci);
  await requireNone(root);
  if (flags.key !== undefined && flags['public-key'] !== undefined) {
    throw new HandrailError('usage', '--key and --public-key exclude each other.', { hint: 'A key is made here, or was made elsewhere.' });
  }
  const remotes = await remotesOf(root);
  const usual = usualDraft({ folder: basename(root), remote: remotes.includes('origin') ? 'origin' : remotes[0] });
  const flagged = answeredByFlags(withKey(usual, flags['public-key']), flags);
  const decided = flags.yes ? await planOf(context, flagged, flags.key) : await askedPlan(context, flagged, flags);
  if (decided === undefined) {
    terminal.note('Nothing was written.');
    return 1;
  }
  const done = { ...(await write(context, decided)), ...(await whatFollows(context, decided.draft, remotes)) };
  if (format === 'json') terminal.document(done);
  else terminal.line(initText(done, (style, text) => terminal.style(style, text)));
  return 0;
}

/** What is going to be written; without a file for the key where somebody else has it. */
interface Plan {
  draft: TeamDraft;
  keyFile: string | undefined;
}

async function requireNone(root: string): Promise<void> {
  const { refuseLinks } = await import('../../node/workflow/repositoryFiles.ts');
  refuseLinks(root, TEAM_FILE);
  if (lstatSync(join(root, TEAM_FILE), { throwIfNoEntry: false }) === undefined) return;
  throw new HandrailError('conflict', `${TEAM_FILE} is there already, and is never written over.`, {
    hint: "Edit it; any change pauses everybody's sharing until they agree again.",
  });
}

async function planOf(context: Context, draft: TeamDraft, key: string | undefined): Promise<Plan> {
  requireValid(draft);
  return { draft, keyFile: draft.publicKey === undefined ? await keyPlaceOf(context, draft.team, key) : undefined };
}

/** The plan by questions, agreed to; undefined where it was not. */
async function askedPlan(context: Context, flagged: TeamDraft, flags: InitFlags): Promise<Plan | undefined> {
  const { terminal, signal } = context;
  requireTerminal(context, 'handrail team init --yes, and what differs from the usual by its options');
  terminal.note(ABOUT);
  const dialogue = terminal.dialogue(signal);
  try {
    const draft = await answeredByPerson(flagged, flags, dialogue);
    if (draft === undefined) return undefined;
    const plan = await planOf(context, draft, flags.key);
    dialogue.say(`\n${teamFileText(draft)}`);
    const answer = await dialogue.ask(
      plan.keyFile === undefined
        ? `Write this to ${TEAM_FILE}? [y/N] `
        : `Write this with the public half of a new key to ${TEAM_FILE}, and the private half to ${plan.keyFile}? [y/N] `,
    );
    return /^y(es)?$/i.test(answer ?? '') ? plan : undefined;
  } finally {
    dialogue.close();
  }
}

const ABOUT = `Team figures are weekly sums that people choose to share. Each decides for themselves, and no figure shows who does not.
Press Enter to take what stands in brackets. Nothing is written before you agree to it at the end.
`;

/** What two answers together make wrong, which neither is by itself. */
function requireValid(draft: TeamDraft): void {
  const { config, problems } = parseTeam(teamFileText(draft));
  const problem = problems.find(({ severity }) => severity === 'error');
  if (config !== undefined || problem === undefined) return;
  throw new HandrailError('usage', problem.message, { hint: problem.hint ?? 'Begin again with other answers.' });
}

/** What is no mistake, and to be known. */
function warningsOf(draft: TeamDraft): string[] {
  const warnings = parseTeam(teamFileText(draft)).problems.filter(({ severity }) => severity === 'warning');
  return warnings.map(({ message, hint }) => [message, hint].filter((one) => one !== undefined).join(' '));
}

async function remotesOf(root: string): Promise<string[]> {
  const { placeOfRepository, refuseGitData } = await import('../../node/git/place.ts');
  refuseGitData(root);
  if (placeOfRepository(root) === '') return [];
  const { gitIn } = await import('../../node/git/gitCommand.ts');
  return (await gitIn(root)(['remote'])).split('\n').filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name));
}

function withKey(draft: TeamDraft, publicKey: string | undefined): TeamDraft {
  if (publicKey === undefined) return draft;
  const given = { ...draft, publicKey: publicKey.trim() };
  const problem = draftProblem(given, 'publicKey');
  if (problem === undefined) return given;
  throw new HandrailError('usage', '--public-key is no key.', { hint: 'Give it as handrail team keygen printed it.' });
}

/** Where the new key goes. Fails where a commit could take it along, or something is there already. */
async function keyPlaceOf({ cwd, env }: Context, team: string, said: string | undefined): Promise<string> {
  const [{ requireUncommitted, usualKeyPlace }, { handrailHome }] = await Promise.all([
    import('../../node/team/keyPlace.ts'),
    import('../../node/home.ts'),
  ]);
  const path = said === undefined ? usualKeyPlace(handrailHome(env), team) : resolve(cwd, said);
  await requireUncommitted(path);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new HandrailError('conflict', `${path} is there already, and a key is never written over.`, {
      hint: 'Name another with --key FILE, or use its public half with --public-key KEY.',
    });
  }
  return path;
}

async function write({ root }: Context, { draft, keyFile }: Plan): Promise<Pick<InitialisedTeam, 'written' | 'key'>> {
  const [{ createFileAtomic }, { writeFailure }] = await Promise.all([
    import('../../node/atomicFile.ts'),
    import('../../node/workflow/repositoryFiles.ts'),
  ]);
  const key = keyFile === undefined ? undefined : await newKeyAt(keyFile);
  const text = teamFileText(key === undefined ? draft : { ...draft, publicKey: key.publicKey });
  try {
    await createFileAtomic(join(root, TEAM_FILE), text);
  } catch (error) {
    // A key that no file names would only be in the way of the next attempt.
    if (keyFile !== undefined) rmSync(keyFile, { force: true });
    throw writeFailure(TEAM_FILE, (error as NodeJS.ErrnoException).code, error);
  }
  return { written: TEAM_FILE, ...(key === undefined || keyFile === undefined ? {} : { key: { path: keyFile, keyId: key.keyId } }) };
}

async function newKeyAt(path: string) {
  const [{ newTeamKey }, { writePrivate }] = await Promise.all([
    import('../../node/team/keys.ts'),
    import('../../node/team/secretFile.ts'),
  ]);
  const key = await newTeamKey();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await writePrivate(path, `${JSON.stringify(key)}\n`, `${path} is there already, and a key is never written over.`);
  return key;
}

async function whatFollows(
  { env, root }: Context,
  draft: TeamDraft,
  remotes: readonly string[],
): Promise<Omit<InitialisedTeam, 'written' | 'key'>> {
  const { team, k, roster, window, transport = {}, counters } = draft;
  const [{ environmentClock }, { releasedFrom, windowOf }, { dayOf, isPlausible, weekOf }, { placeOfRepository }] = await Promise.all([
    import('../../node/clock.ts'),
    import('../../core/team/window.ts'),
    import('../../core/telemetry/week.ts'),
    import('../../node/git/place.ts'),
  ]);
  const now = environmentClock(env).now();
  const block = isPlausible(now) ? windowOf(weekOf(now), Number.parseInt(window, 10)) : undefined;
  const notes = [...linkedNotes(counters), ...warningsOf(draft)];
  const remote = transport['git'];
  if (placeOfRepository(root) === '') notes.push('This folder is in no git repository yet, and people get the file by one: git init');
  else if (remote !== undefined && !remote.includes('://') && !remotes.includes(remote)) {
    notes.push(`This repository has no remote ${remote} yet, and contributions travel there: git remote add ${remote} ADDRESS`);
  }
  return {
    team,
    k,
    ...(roster === undefined ? {} : { roster }),
    ...(block === undefined ? {} : { window: { from: block.from, to: block.to, released: dayOf(releasedFrom(block)) } }),
    transport: Object.keys(transport)[0] ?? '',
    notes,
  };
}
