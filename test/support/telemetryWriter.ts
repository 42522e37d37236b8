/**
 * A process of its own that records, for tests of several at once: `telemetryWriter HOME MODE`.
 *
 * `burst N`: records N events when a line comes, then says `done DROPPED`. `acknowledge`: records and flushes three at a time for ever,
 * a byte on stdout for each. `each`: an event for each line that comes, answered by `DROPPED`. `stream`: an event a turn of its loop,
 * and the number of the turn on each line that comes. `end WAY`: three events, and ends at once: by `return`, `exit` or `throw`.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Observation } from '../../src/core/telemetry/observation.ts';
import { createRecorder } from '../../src/node/telemetry/recorder.ts';

const [home = '', mode = '', detail = '0'] = process.argv.slice(2);
const recorder = createRecorder({ home, env: {} });
const event: Observation = {
  operation: 'review',
  outcome: 'completed',
  provider: 'openai',
  model: 'gpt-5-mini',
  duration: 12_345,
  inputTokens: 2_000,
  outputTokens: 300,
  findings: { critical: 1, high: 0, medium: 2, low: 0, info: 2 },
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);
let turns = 0;

function three(): void {
  for (let i = 0; i < 3; i += 1) recorder.record(event);
}

function stream(): void {
  turns += 1;
  recorder.record(event);
  setImmediate(stream);
}

function answer(): void {
  if (mode === 'burst') {
    for (let i = 0; i < Number(detail); i += 1) recorder.record(event);
    recorder.flush();
    say(`done ${recorder.dropped}`);
  } else if (mode === 'each') {
    recorder.record(event);
    // It is stored when this turn is over.
    setImmediate(() => say(String(recorder.dropped)));
  } else if (mode === 'stream') {
    setImmediate(() => say(String(turns)));
  }
}

if (mode === 'acknowledge') {
  // Without `process.stdout`, which would make the pipe one that can refuse.
  writeSync(1, '\n');
  for (;;) {
    three();
    recorder.flush();
    writeSync(1, '...');
  }
} else if (mode === 'end') {
  three();
  if (detail === 'exit') process.exit(3);
  if (detail === 'throw') throw new Error('as wanted');
} else {
  if (mode === 'stream') stream();
  createInterface({ input: process.stdin }).on('line', answer);
  say('ready');
}
