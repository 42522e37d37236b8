import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { parseTeam } from '../../core/team/teamFile.ts';
import { draftProblem, type TeamDraft, teamFileText } from '../../core/team/teamFileText.ts';
import type { Answer, Context } from '../command.ts';
import { requireTerminal } from '../personsChoice.ts';
import { initText, type InitialisedTeam } from '../text/teamInit.ts';
import { CI_HOSTS, CI_PLACES, ciJob, type CiHost, USUAL_FROM } from './ciJobs.ts';
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
  const { terminal, root, format, signal } = context;
  if (flags.ci !== undefined) return printJob(context, flags.ci);
  const [{ TEAM_FILE }, { refuseLinks }] = await Promise.all([
    import('../../node/team/teamFile.ts'),
    import('../../node/workflow/repositoryFiles.ts'),
  ]);
  refuseLinks(root, TEAM_FILE);
  if (lstatSync(join(root, TEAM_FILE), { throwIfNoEntry: false }) !== undefined) {
    throw new HandrailError('conflict', `${TEAM_FILE} is there already, and is never written over.`, {
      hint: "Edit it; any change pauses everybody's sharing until they agree again.",
    });
  }
  if (flags.key !== undefined && flags['public-key'] !== undefined) {
    throw new HandrailError('usage', '--key and --public-key exclude each other.', { hint: 'A key is made here, or was made elsewhere.' });
  }
  const remotes = await remotesOf(root);
  const usual = usualDraft({ folder: basename(root), remote: remotes.includes('origin') ? 'origin' : remotes[0] });
  const flagged = answeredByFlags(withKey(usual, flags['public-key']), flags);
  if (!flags.yes) requireTerminal(context, 'handrail team init --yes, and what differs from the usual by its options');
  const draft = flags.yes ? flagged : await askEverything(context, flagged, flags);
  if (draft === undefined) {
    terminal.note('Nothing was written.');
    return 1;
  }
  requireValid(draft);
  const keyFile = draft.publicKey === undefined ? await keyPlaceOf(context, draft.team, flags.key) : undefined;
  if (!flags.yes) {
    terminal.note(`\n${teamFileText(draft)}`);
    const question =
      keyFile === undefined ? `Write this to ${TEAM_FILE}?` : `Write this to ${TEAM_FILE}, and a new private key to ${keyFile}?`;
    if (!(await terminal.confirm(question, signal))) {
      terminal.note('Nothing was written.');
      return 1;
    }
  }
  const done = { ...(await write(context, draft, keyFile)), ...(await whatFollows(context, draft, remotes)) };
  if (format === 'json') terminal.document(done);
  else terminal.line(initText(done, (style, text) => terminal.style(style, text)));
  return 0;
}

/** What two answers together make wrong, which neither is by itself. */
function requireValid(draft: TeamDraft): void {
  const { config, problems } = parseTeam(teamFileText(draft));
  const problem = problems.find(({ severity }) => severity === 'error');
  if (config !== undefined || problem === undefined) return;
  throw new HandrailError('usage', problem.message, { hint: problem.hint ?? 'Begin again with other answers.' });
}

/** The job for a host, with the place that contributions travel to. */
async function printJob({ terminal, format, root }: Context, asked: string): Promise<Answer> {
  const host = CI_HOSTS.find((known): known is CiHost => known === asked);
  if (host === undefined) {
    throw new HandrailError('usage', `There is no job for ${JSON.stringify(asked)}.`, { hint: `Use --ci ${CI_HOSTS.join('|')}.` });
  }
  const { readTeam } = await import('../../node/team/teamFile.ts');
  const transport = readTeam(root)?.config.transport;
  if (transport?.kind === 'otlp') {
    throw new HandrailError('config', 'What a collector gets is not collected from there by Handrail.', {
      hint: 'Let your collector put each body into a .json file of a folder, and name that in the job: handrail team collect --from folder:PATH',
    });
  }
  const from = transport === undefined ? USUAL_FROM : transport.kind === 'git' ? `git:${transport.remote}` : `folder:${transport.path}`;
  const job = ciJob(host, from);
  if (format === 'json') terminal.document({ host, path: CI_PLACES[host], job });
  else terminal.writeOut(job);
  return 0;
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

/** The rest by questions; undefined once nobody answers any more. */
async function askEverything({ terminal, signal }: Context, draft: TeamDraft, flags: TeamAnswers): Promise<TeamDraft | undefined> {
  terminal.note(ABOUT);
  const dialogue = terminal.dialogue(signal);
  try {
    return await answeredByPerson(draft, flags, dialogue);
  } finally {
    dialogue.close();
  }
}

const ABOUT = `Team figures are weekly sums that people choose to share. Each decides for themselves, and nobody sees who does not.
Press Enter to take what stands in brackets. Nothing is written before you agree to it at the end.
`;

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

async function write({ root }: Context, draft: TeamDraft, keyFile: string | undefined): Promise<Pick<InitialisedTeam, 'written' | 'key'>> {
  const [{ TEAM_FILE }, { createFileAtomic }, { writeFailure }] = await Promise.all([
    import('../../node/team/teamFile.ts'),
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
  { env }: Context,
  { team, k, roster, window, transport = {}, counters }: TeamDraft,
  remotes: readonly string[],
): Promise<Omit<InitialisedTeam, 'written' | 'key'>> {
  const [{ environmentClock }, { releasedFrom, windowOf }, { dayOf, isPlausible, weekOf }] = await Promise.all([
    import('../../node/clock.ts'),
    import('../../core/team/window.ts'),
    import('../../core/telemetry/week.ts'),
  ]);
  const now = environmentClock(env).now();
  const block = isPlausible(now) ? windowOf(weekOf(now), Number.parseInt(window, 10)) : undefined;
  const notes = linkedNotes(counters);
  const remote = transport['git'];
  if (remote !== undefined && !remote.includes('://') && !remotes.includes(remote)) {
    notes.push(`This repository has no remote ${remote} yet, and contributions travel there: git remote add ${remote} ADDRESS`);
  }
  return {
    team,
    k,
    ...(roster === undefined ? {} : { roster }),
    ...(block === undefined ? {} : { window: { from: block.from, to: block.to, released: dayOf(releasedFrom(block)) } }),
    collects: transport['otlp'] === undefined,
    notes,
  };
}
