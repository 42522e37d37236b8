import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { failureOf, type FailureReason } from '../../src/core/errors.ts';
import { agentsParagraph } from '../../src/core/workflow/agents.ts';
import { STOP_HOOK_FILE, stopHookScript } from '../../src/core/workflow/stopHook.ts';
import { planAgentFiles, untold, writeAgentFiles } from '../../src/node/workflow/agentFiles.ts';

describe('telling agents', () => {
  let folder: string;
  let outside: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail agents ')));
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'handrail outside ')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(outside, { recursive: true, force: true });
  });

  const put = (path: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const get = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const paragraph = { paragraph: true, stopHook: [] };
  const hook = { paragraph: false, stopHook: ['claude-code'] };
  const fails = (reason: FailureReason, words: RegExp) => (error: unknown) => {
    const failure = failureOf(error);
    assert.equal(failure?.reason, reason);
    assert.match(failure.message, words);
    assert.ok(failure.hint, 'says what to do next');
    return true;
  };

  it('writes the paragraph behind what is there, keeps the mode of the file, and finds nothing to do the second time', async () => {
    put('AGENTS.md', '\ufeff# Ours\r\n');
    chmodSync(join(folder, 'AGENTS.md'), 0o640);
    await writeAgentFiles(folder, planAgentFiles(folder, paragraph));
    assert.equal(get('AGENTS.md'), `\ufeff# Ours\r\n\r\n${agentsParagraph().replaceAll('\n', '\r\n')}\r\n`);
    assert.equal(statSync(join(folder, 'AGENTS.md')).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder), ['AGENTS.md']);
    assert.deepEqual(planAgentFiles(folder, paragraph), { changes: [], kept: ['AGENTS.md'], notes: [] });
  });

  it('writes script and settings of the hook, and keeps the settings that are there', async () => {
    put('.claude/settings.json', '{\n  "permissions": { "allow": ["Read"] }\n}\n');
    const plan = planAgentFiles(folder, hook);
    assert.deepEqual(
      plan.changes.map(({ path }) => path),
      [STOP_HOOK_FILE, '.claude/settings.json'],
    );
    assert.ok(!existsSync(join(folder, STOP_HOOK_FILE)), 'a plan writes nothing');
    await writeAgentFiles(folder, plan);
    assert.equal(get(STOP_HOOK_FILE), stopHookScript());
    assert.match(get('.claude/settings.json'), /^\{\n {2}"permissions": \{ "allow": \["Read"\] \},\n {2}"hooks": \{/);
    assert.deepEqual(planAgentFiles(folder, hook).kept, [STOP_HOOK_FILE, '.claude/settings.json']);
  });

  it('keeps a script that the team edited, and says so; replaces an older one of its own', () => {
    put(STOP_HOOK_FILE, stopHookScript().replace('40_000', '50_000'));
    const plan = planAgentFiles(folder, hook);
    assert.deepEqual([plan.kept, plan.changes.length], [[STOP_HOOK_FILE], 1]);
    assert.match(plan.notes.join(' '), /was edited, so it was left as it is/);
    put(STOP_HOOK_FILE, '// handrail:stop-hook 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\nfoo');
    assert.equal(planAgentFiles(folder, hook).changes[0]?.after, stopHookScript());
    put(STOP_HOOK_FILE, stopHookScript().replaceAll('\n', '\r\n'));
    assert.deepEqual(planAgentFiles(folder, hook).kept, [STOP_HOOK_FILE]);
  });

  it('refuses what it cannot edit safely, in one sentence, and writes nothing', () => {
    symlinkSync(join(outside, 'theirs.md'), join(folder, 'AGENTS.md'));
    assert.throws(() => planAgentFiles(folder, paragraph), fails('config', /^AGENTS\.md is a link/));
    rmSync(join(folder, 'AGENTS.md'));
    mkdirSync(join(folder, 'AGENTS.md'));
    assert.throws(() => planAgentFiles(folder, paragraph), fails('config', /^AGENTS\.md is not a file/));
    rmSync(join(folder, 'AGENTS.md'), { recursive: true });
    put('AGENTS.md', '# Ours\n');
    chmodSync(join(folder, 'AGENTS.md'), 0o444);
    assert.throws(() => planAgentFiles(folder, paragraph), fails('read-only', /^AGENTS\.md is read-only/));
    chmodSync(join(folder, 'AGENTS.md'), 0o644);
    put('AGENTS.md', Uint8Array.of(0x23, 0xff, 0x0a));
    assert.throws(() => planAgentFiles(folder, paragraph), fails('bad-response', /not UTF-8/));
    put('AGENTS.md', Uint8Array.of(0x23, 0, 0x0a));
    assert.throws(() => planAgentFiles(folder, paragraph), fails('bad-response', /binary/));
    symlinkSync(outside, join(folder, '.claude'));
    assert.throws(() => planAgentFiles(folder, hook), fails('config', /^\.claude is not a folder/));
    assert.deepEqual([readdirSync(outside), existsSync(join(folder, '.handrail'))], [[], false]);
  });

  it('writes none of the files when one of them cannot be edited', () => {
    put('.claude/settings.json', '{ "hooks": ');
    assert.throws(() => planAgentFiles(folder, { paragraph: true, stopHook: ['claude-code'] }), fails('config', /not valid JSON/));
    assert.deepEqual(readdirSync(folder), ['.claude']);
  });

  it('does not write over what changed after it was shown', async () => {
    const plan = planAgentFiles(folder, paragraph);
    put('AGENTS.md', '# Written meanwhile\n');
    await assert.rejects(writeAgentFiles(folder, plan), fails('conflict', /AGENTS\.md changed/));
    assert.equal(get('AGENTS.md'), '# Written meanwhile\n');
  });

  it('refuses assistants that it does not know, and those that look at the top of a repository only', () => {
    assert.throws(() => planAgentFiles(folder, { paragraph: false, stopHook: ['hal'] }), fails('usage', /no stop hook for "hal"/));
    assert.throws(() => planAgentFiles(folder, { paragraph: false, stopHook: ['codex'] }), fails('config', /top of a repository/));
    put('.git', 'gitdir: elsewhere\n');
    assert.match(planAgentFiles(folder, { paragraph: false, stopHook: ['codex'] }).notes.join(' '), /\/hooks/);
  });

  it('says which assistant reads another file, unless that takes AGENTS.md in', () => {
    put('CLAUDE.md', '# Claude\n');
    put('GEMINI.md', 'See @./AGENTS.md\n');
    assert.deepEqual(planAgentFiles(folder, paragraph).notes, ['Claude Code reads CLAUDE.md: add the line @AGENTS.md to it.']);
    rmSync(join(folder, 'CLAUDE.md'));
    put('AGENTS.md', '');
    symlinkSync('AGENTS.md', join(folder, 'CLAUDE.md'));
    assert.deepEqual(planAgentFiles(folder, paragraph).notes, []);
  });

  it('offers what is not told yet to the assistants in use, and nothing that it could not write', async () => {
    assert.deepEqual(names(untold(folder)), [true, []]);
    put('CLAUDE.md', '@AGENTS.md\n');
    put('.gemini/settings.json', 'broken');
    assert.deepEqual(names(untold(folder)), [true, ['claude-code']]);
    await writeAgentFiles(folder, planAgentFiles(folder, { paragraph: true, stopHook: ['claude-code'] }));
    assert.deepEqual(names(untold(folder)), [false, []]);
  });
  const names = ({ paragraph: open, assistants }: ReturnType<typeof untold>) => [open, assistants.map(({ name }) => name)];
});
