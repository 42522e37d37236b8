import type { CancelSignal } from '../../../core/ports.ts';
import type { CommandStep } from '../../../core/workflow/definition.ts';
import type { CommandProof } from '../../../core/workflow/verify/facts.ts';
import { HandrailError } from '../../../core/errors.ts';
import { runCommand } from '../commandRunner.ts';
import type { Target } from './target.ts';

export interface RerunOptions {
  target: Target;
  steps: readonly CommandStep[];
  /** Values for the commands. */
  variables(step: CommandStep): Record<string, string>;
  env: Readonly<Record<string, string | undefined>>;
  /** Names of further variables that commands get. */
  passed: readonly string[];
  /** Milliseconds for each command. */
  timeLimit: number;
  signal: CancelSignal;
  onOutput(chunk: Uint8Array): Promise<void> | undefined | void;
}

/** What a command needs to find programs and a place to work; secrets of the job are not among it. */
const KEPT =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|TERM|CI|SYSTEMROOT|SYSTEMDRIVE|COMSPEC|PATHEXT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMFILES(?:\(X86\))?|PROGRAMDATA|XDG_\w+|JAVA_HOME|GOROOT|GOPATH|CARGO_HOME|RUSTUP_HOME|DOTNET_ROOT)$/i;

/**
 * Runs the commands of the steps on the checkout, one after the other, in an environment without the job's secrets. Fails with `usage` where
 * the checkout is not what is verified, since the result would be about something else.
 */
export async function rerunCommands(options: RerunOptions): Promise<Map<string, CommandProof>> {
  const { target } = options;
  if (options.steps.length === 0) return new Map();
  if (!target.isCheckedOut) {
    throw new HandrailError('usage', `Commit ${target.head.slice(0, 12)} is not checked out, so its commands cannot be run.`, {
      hint: 'Check it out, or leave --rerun away.',
    });
  }
  const before = await changedInCheckout(target);
  if (before.length > 0) {
    throw new HandrailError('usage', `${before[0] ?? ''} is not committed, so running commands would judge something else.`, {
      hint: 'Commit it, or leave --rerun away.',
    });
  }
  const proofs = new Map<string, CommandProof>();
  for (const step of options.steps) proofs.set(step.id, await rerun(step, options));
  return proofs;
}

async function rerun(step: CommandStep, options: RerunOptions): Promise<CommandProof> {
  const { target, signal, timeLimit } = options;
  const expected = step.expect.find((expectation) => expectation.kind === 'exit')?.code ?? 0;
  const limit = new AbortController();
  const cancel = (): void => limit.abort();
  signal.addEventListener('abort', cancel, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    limit.abort();
  }, timeLimit);
  try {
    const exitCode = await runCommand({
      run: step.run,
      cwd: target.root,
      variables: options.variables(step),
      environment: cleanEnvironment(options),
      signal: limit.signal,
      endsStrays: true,
      onOutput: options.onOutput.bind(options),
    });
    const [touched] = await changedInCheckout(target);
    return {
      isMet: exitCode === expected,
      exitCode,
      how: exitCode === null ? 'was ended by a signal' : `ended here with exit code ${exitCode}`,
      ...(touched === undefined ? {} : { weakenedBy: `it changed ${touched}, which is committed` }),
    };
  } catch (error) {
    if (!isLate || signal.aborted) throw error;
    return { isMet: false, exitCode: null, how: `took longer than ${Math.round(timeLimit / 1000)} s` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function cleanEnvironment({ env, passed }: RerunOptions): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name) || passed.includes(name)));
}

/** Files that git knows and that differ from the head. */
async function changedInCheckout({ git }: Target): Promise<string[]> {
  const output = await git.command(['status', '--porcelain', '-z', '--untracked-files=no', '--no-renames', '--ignore-submodules=dirty']);
  return output.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(3)]));
}
