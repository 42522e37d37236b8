import assert from 'node:assert/strict';
import { instructionsFor } from '../../../src/core/ai/review/instructions.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { agentsParagraph, withParagraph } from '../../../src/core/workflow/agents.ts';
import {
  type Assistant,
  ASSISTANTS,
  hookSnippet,
  isOwnScript,
  STOP_HOOK_FILE,
  stopHookScript,
  withHook,
} from '../../../src/core/workflow/stopHook.ts';

const OLD = '<!-- handrail:start -->\nan older text\n<!-- handrail:end -->';

const refused = (line?: number) => (error: unknown) => {
  const failure = failureOf(error);
  assert.equal(failure?.reason, 'config');
  assert.ok(failure.hint, 'says what to do next');
  if (line !== undefined) assert.equal(failure.location?.line, line);
  return true;
};

describe('the paragraph in AGENTS.md', () => {
  it('tells what to run, what is not for an agent, and what the exit codes mean', () => {
    for (const word of ['handrail status --format json', 'handrail run STEP', 'attest', 'approval', '.handrail/', '--trust', '130'])
      assert.ok(agentsParagraph().includes(word), word);
  });

  it('makes a file of its own where there is none', () => {
    assert.equal(withParagraph(undefined), `${agentsParagraph()}\n`);
    assert.equal(withParagraph(''), `${agentsParagraph()}\n`);
  });

  const texts = [
    '# Agents\n',
    '# Agents\n\nBe nice.',
    '# Agents\r\n\r\nBe nice.\r\n',
    '\ufeff# Agents\r\n',
    'mixed\r\nends\n',
    'x\n\n',
    'tabs\t \n  \n',
  ];
  for (const text of texts) {
    it(`keeps ${JSON.stringify(text)} byte for byte, and changes nothing the second time`, () => {
      const once = withParagraph(text);
      assert.ok(once.startsWith(text));
      assert.equal(once.slice(text.length).trim().replaceAll('\r\n', '\n'), agentsParagraph());
      assert.equal(once.slice(text.length).includes('\r\n'), text.includes('\r\n'), 'the line ends of the file');
      assert.equal(withParagraph(once), once);
    });
  }

  for (const [before, after] of [
    ['', ''],
    ['\ufeff', ''],
    ['# Ours\n\n', '\n\n## More of ours\n<!-- note -->'],
    ['# Ours\r\n', '\r\nlast line without end'],
  ] as const) {
    it(`replaces what an earlier version wrote between ${JSON.stringify(before)} and ${JSON.stringify(after)}, and only that`, () => {
      const eol = `${before}${after}`.includes('\r\n') ? '\r\n' : '\n';
      const text = `${before}${OLD.replaceAll('\n', eol)}${after}`;
      assert.equal(withParagraph(text), `${before}${agentsParagraph().replaceAll('\n', eol)}${after}`);
    });
  }

  for (const [text, line] of [
    ['a\n<!-- handrail:start -->\nb\n', 2],
    ['a\n\n<!-- handrail:end -->\n', 3],
    ['<!-- handrail:end -->\n<!-- handrail:start -->\n', 1],
    [`${OLD}\n${OLD}\n`, 1],
  ] as const) {
    it(`touches nothing when the marks make no pair: ${JSON.stringify(text)}`, () =>
      assert.throws(() => withParagraph(text), refused(line)));
  }

  it('is kept from models that review, whom it does not concern', () => {
    const { text } = instructionsFor([{ path: 'AGENTS.md', text: withParagraph('# Ours\n\nBe nice.\n') }], ['a.ts']);
    assert.equal(text, 'From AGENTS.md:\n# Ours\n\nBe nice.');
    assert.equal(instructionsFor([{ path: 'AGENTS.md', text: withParagraph('') }], ['a.ts']).text, '');
  });

  it('takes a mark in running text for text', () => {
    const text = 'Between `<!-- handrail:start -->` and `<!-- handrail:end -->` stands a paragraph.\n';
    assert.ok(withParagraph(text).startsWith(text));
  });
});

const CLAUDE = ASSISTANTS.find(({ name }) => name === 'claude-code') as Assistant;

/** What was entered stands in one piece; every byte before and behind it is the team's. */
function assertOnlyEntered(before: string, after: string): void {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  assert.ok(after.endsWith(before.slice(same)), after);
}

describe('the stop hook in the settings of an assistant', () => {
  for (const assistant of ASSISTANTS) {
    it(`is entered for ${assistant.title}, once`, () => {
      const fresh = withHook(assistant, undefined);
      assert.equal(fresh, `${hookSnippet(assistant)}\n`);
      assert.equal(withHook(assistant, fresh), fresh);
      const list = assistant.list.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], JSON.parse(fresh));
      assert.deepEqual(list, [assistant.entry]);
      assert.ok(JSON.stringify(list).includes(STOP_HOOK_FILE));
    });
  }

  it('stands behind the hooks that are there, and everything else stays as it is', () => {
    const before =
      '{\n    // ours\n    "permissions": { "allow": ["Bash(npm test)", "Read"] }, /* kept */\n' +
      '    "unknown": {"a":[1,2 , 3]},\n    "hooks": {\n        "PreToolUse": [],\n        "Stop": [\n            { "hooks": [{ "type": "command", "command": "./ours.sh" }] }\n        ]\n    }\n}\n';
    const after = withHook(CLAUDE, before);
    const entered =
      '{\n    // ours\n    "permissions": { "allow": ["Bash(npm test)", "Read"] }, /* kept */\n    "unknown": {"a":[1,2 , 3]},\n';
    assert.ok(after.startsWith(entered), after);
    assert.deepEqual((JSON.parse(after.replace(/\/\/.*|\/\*.*?\*\//g, '')) as { hooks: { Stop: unknown[] } }).hooks.Stop, [
      { hooks: [{ type: 'command', command: './ours.sh' }] },
      CLAUDE.entry,
    ]);
    assertOnlyEntered(before, after);
    assert.equal(withHook(CLAUDE, after), after);
  });

  for (const [what, before] of [
    ['no hooks', '{\r\n\t"model": "x"\r\n}\r\n'],
    ['other hooks', '{ "hooks": { "PreToolUse": [] } }'],
    ['an empty list', '{"hooks":{"Stop":[]}}'],
    ['an empty object and a byte order mark', '\ufeff{}'],
    ['a trailing comma', '{ "a": 1, }'],
  ] as const) {
    it(`is entered beside ${what}`, () => {
      const after = withHook(CLAUDE, before);
      const value = JSON.parse(after.replace('\ufeff', '').replace(/,(\s*[}\]])/g, '$1')) as { hooks: { Stop: unknown[] } };
      assert.deepEqual(value.hooks.Stop, [CLAUDE.entry]);
      assert.equal(after.startsWith('\ufeff'), before.startsWith('\ufeff'));
      assertOnlyEntered(before, after);
      if (before.includes('\r\n')) assert.doesNotMatch(after, /[^\r]\n/);
      assert.equal(withHook(CLAUDE, after), after);
    });
  }

  it('leaves a hook of this script alone that the team changed', () => {
    const own = hookSnippet(CLAUDE).replace('60', '120');
    assert.equal(withHook(CLAUDE, own), own);
  });

  for (const [text, line] of [
    ['{\n "a": \n}', 3],
    ['not json', 1],
    ['[]', undefined],
    ['null', undefined],
    ['{"hooks": []}', undefined],
    ['{"hooks": {"Stop": {}}}', undefined],
    ['{"hooks": {"Stop": "x"}}', undefined],
    ['['.repeat(100_000), undefined],
  ] as const) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}, and says what to add`, () => {
      assert.throws(
        () => withHook(CLAUDE, text),
        (error: unknown) => refused(line)(error) && /"Stop":\[\{/.test(failureOf(error)?.hint ?? ''),
      );
    });
  }
});

describe('the script of the stop hook', () => {
  it('is known again as long as nobody edited it', () => {
    const script = stopHookScript();
    assert.ok(isOwnScript(script));
    assert.ok(isOwnScript(script.replaceAll('\n', '\r\n')), 'git may have changed the line ends');
    assert.ok(!isOwnScript(script.replace('40_000', '50_000')));
    assert.ok(!isOwnScript('#!/bin/sh\nexit 0\n'));
    assert.ok(!isOwnScript(''));
  });
});
