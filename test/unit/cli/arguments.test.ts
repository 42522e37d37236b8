import assert from 'node:assert/strict';
import fc from 'fast-check';
import { didYouMean, findCommand, GLOBAL_OPTIONS, parseCommandLine, peekOption } from '../../../src/cli/arguments.ts';
import { failureOf } from '../../../src/core/errors.ts';

const specs = {
  ...GLOBAL_OPTIONS,
  scope: { type: 'string', choices: ['file', 'working', 'branch'], summary: '' },
  from: { type: 'string', multiple: true, value: 'FILE', summary: '' },
  'dry-run': { type: 'boolean', summary: '' },
} as const;
const one = { name: 'review', positionals: { name: 'PATH', min: 0, max: 1 } };

/** The message and hint of the usage error that `run` must end with. */
function usageError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const failure = failureOf(error);
    assert.equal(failure?.reason, 'usage');
    return `${failure.message} ${failure.hint}`;
  }
  assert.fail('was accepted');
}

describe('command line arguments', () => {
  it('reads options before and after the command, in both forms', () => {
    assert.deepEqual(findCommand(['--cwd', 'a', 'review', '--scope=file', 'x']), {
      command: 'review',
      rest: ['--cwd', 'a', '--scope=file', 'x'],
    });
    const { options, positionals } = parseCommandLine(['--cwd', 'a', '--scope=file', '--from', '1', 'x', '--from', '2'], specs, one);
    assert.deepEqual(options, {
      cwd: 'a',
      format: undefined,
      help: false,
      version: false,
      scope: 'file',
      from: ['1', '2'],
      'dry-run': false,
    });
    assert.deepEqual(positionals, ['x']);
  });

  it('takes everything after -- as it is', () => {
    assert.deepEqual(parseCommandLine(['--', '--scope'], specs, one).positionals, ['--scope']);
    assert.deepEqual(findCommand(['--', 'status']).command, undefined);
  });

  it('refuses what it does not know and names the nearest', () => {
    assert.match(
      usageError(() => parseCommandLine(['--scoop', 'file'], specs, one)),
      /--scoop.*Did you mean --scope\?/,
    );
    assert.match(
      usageError(() => parseCommandLine(['--nonsense'], specs, one)),
      /--nonsense.*handrail review --help/,
    );
    assert.match(
      usageError(() => findCommand(['--formt', 'json', 'status'])),
      /Did you mean --format\?/,
    );
  });

  it('refuses missing, unwanted and impossible values', () => {
    assert.match(
      usageError(() => parseCommandLine(['--scope'], specs, one)),
      /needs a value/,
    );
    assert.match(
      usageError(() => parseCommandLine(['--cwd', '--dry-run'], specs, one)),
      /--cwd needs a value: --cwd DIR/,
    );
    assert.match(
      usageError(() => parseCommandLine(['--dry-run=yes'], specs, one)),
      /takes no value/,
    );
    assert.match(
      usageError(() => parseCommandLine(['--scope', 'brach'], specs, one)),
      /Did you mean branch\?/,
    );
    assert.match(
      usageError(() => parseCommandLine(['a', 'b'], specs, one)),
      /does not take "b"/,
    );
    assert.match(
      usageError(() => parseCommandLine(['__proto__', '--__proto__=1'], specs, one)),
      /no option --__proto__/,
    );
  });

  it('ends in values or a usage error for any words', () => {
    const word = fc.oneof(
      fc.constantFrom('--scope', '--from', '--cwd', '--dry-run', '--', '-h', '-', 'file', '--scope=', '-x'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          parseCommandLine(argv, specs, one);
          findCommand(argv);
        } catch (error) {
          assert.equal(failureOf(error)?.reason, 'usage');
        }
      }),
    );
  });

  it('finds the wanted format even when the rest is wrong', () => {
    assert.equal(peekOption(['nonsense', '--format', 'json'], 'format'), 'json');
    assert.equal(peekOption(['--format=json'], 'format'), 'json');
    assert.equal(peekOption(['--', '--format=json'], 'format'), undefined);
  });
});

describe('did you mean', () => {
  const commands = ['status', 'validate', 'review', 'run', 'check', 'uncheck'];
  it('mends typing errors', () => {
    assert.equal(didYouMean('stauts', commands), 'Did you mean status?');
    assert.equal(didYouMean('reveiw', commands), 'Did you mean review?');
    assert.equal(didYouMean('val', commands), 'Did you mean validate?');
    assert.equal(didYouMean('Run', commands), 'Did you mean run?');
  });
  it('is silent when nothing is near', () => {
    assert.equal(didYouMean('deploy', commands), undefined);
    assert.equal(didYouMean('', commands), undefined);
  });
});
