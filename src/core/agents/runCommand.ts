import { Refusal } from './failure.ts';
import { dataOf, Framed, shortened } from './framed.ts';
import type { Performing } from './runStep.ts';
import { stepData } from './stepText.ts';
import type { ToolAnswer } from './tool.ts';

/** Characters of a command's output that are told: the beginning, and more of the end. */
const MOST_OUTPUT = 16_000;
/** What is kept of the output while a command runs; a command may print for hours. */
const KEPT = 4 * MOST_OUTPUT;

/** Runs the command of a step, if a person trusted this version of the workflow. */
export async function runCommandStep({ ports, call, run, step, choice }: Performing): Promise<ToolAnswer> {
  if (!(await ports.mayRun(run.workflow.digest))) {
    throw new Refusal(
      'untrusted',
      `The command of ${step.id} was not run: no person has trusted this version of the workflow's commands on this machine.`,
      `Ask the person to read the workflow file and to run the step once on their own terminal (handrail run ${step.id}), where they are asked. Do not answer for them and do not use --trust.`,
    );
  }
  const output = new Output();
  const decoders = { stdout: ports.decoder(), stderr: ports.decoder() };
  call.progress(`The command of ${step.id} is running.`);
  const { status: after, exitCode } = await (
    await ports.workflow()
  ).run(step.id, {
    ...choice,
    actor: 'agent',
    trusted: true,
    // What was trusted is what runs: the file may have been edited since.
    workflowDigest: run.workflow.digest,
    signal: call.signal,
    onOutput: (chunk, stream) => {
      output.add(decoders[stream](chunk));
      call.progress(`The command of ${step.id} is running: ${output.lines} lines of output.`);
    },
  });
  const how = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`;
  const text = output.toText();
  return {
    text: new Framed()
      .say(`The command of ${step.id} ${how}. The step is ${after.state}.`)
      .quote('Output of the command:', shortened(text, MOST_OUTPUT))
      .quote('Still missing:', after.missing.join('\n'))
      .toText(() => ports.marker()),
    data: dataOf({ step: stepData(after), exitCode, output: shortened(text, MOST_OUTPUT) }),
  };
}

/** Beginning and end of what a command prints, in bounded memory. */
class Output {
  lines = 0;
  #head = '';
  #tail = '';
  #isLong = false;
  add(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lines++;
    if (this.#head.length < MOST_OUTPUT) this.#head += text;
    else this.#tail += text;
    if (this.#tail.length <= KEPT) return;
    this.#tail = this.#tail.slice(-MOST_OUTPUT);
    this.#isLong = true;
  }

  toText(): string {
    return this.#isLong ? `${this.#head}\n[…]\n${this.#tail}` : this.#head + this.#tail;
  }
}
