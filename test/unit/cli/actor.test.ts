import assert from 'node:assert/strict';
import { actorOf } from '../../../src/node/actor.ts';

describe('actor on the command line', () => {
  const cases: [string, Record<string, string>, boolean, string][] = [
    ['a terminal is a person', {}, true, 'human'],
    ['no terminal is an agent', {}, false, 'agent'],
    ['Claude Code on a terminal is an agent', { CLAUDECODE: '1' }, true, 'agent'],
    ['Codex is an agent', { CODEX_SANDBOX: 'seatbelt' }, true, 'agent'],
    ['Gemini CLI is an agent', { GEMINI_CLI: '1' }, true, 'agent'],
    ['an empty variable says nothing', { CLAUDECODE: '' }, true, 'human'],
    ['CI is a machine', { CI: 'true' }, false, 'machine'],
    ['CI on a terminal is a machine', { CI: 'true' }, true, 'machine'],
    ['CI=false says nothing', { CI: 'false' }, true, 'human'],
    ['an agent inside CI is an agent', { CI: 'true', CLAUDECODE: '1' }, false, 'agent'],
    ['the claim to be an agent counts anywhere', { HANDRAIL_ACTOR: 'agent' }, true, 'agent'],
    ['an unknown claim is an agent', { HANDRAIL_ACTOR: 'robot' }, true, 'agent'],
    ['the claim to be a machine counts', { HANDRAIL_ACTOR: 'machine', CLAUDECODE: '1' }, true, 'machine'],
    ['the claim to be a person counts on a terminal', { HANDRAIL_ACTOR: 'human', CLAUDECODE: '1' }, true, 'human'],
    ['and not without one', { HANDRAIL_ACTOR: 'human' }, false, 'agent'],
  ];
  for (const [name, env, onTerminal, expected] of cases) {
    it(name, () => assert.equal(actorOf(env, onTerminal), expected));
  }
});
