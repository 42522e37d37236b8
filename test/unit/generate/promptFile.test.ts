import assert from 'node:assert/strict';
import { fillVariables, promptInputs, readPromptFile, type PromptValues } from '../../../src/core/ai/generate/promptFile.ts';
import { failureOf } from '../../../src/core/errors.ts';

const PATH = '.github/prompts/tests.prompt.md';
const links = (body: string): string[] => readPromptFile(PATH, body).links.map(({ path }) => path);

function filled(body: string, values: Partial<PromptValues> = {}): { text: string; notices: string[] } {
  return fillVariables(readPromptFile(PATH, body), { selected: false, workspaceName: 'shop', inputs: {}, ...values });
}

describe('prompt files', () => {
  it('are read as the editor writes them', () => {
    const prompt = readPromptFile(
      PATH,
      '\ufeff---\r\ndescription: Write tests\r\nagent: agent\r\nsomething: [new]\r\n---\r\n\r\nDo it.\r\n',
    );
    assert.equal(prompt.description, 'Write tests');
    assert.equal(prompt.body, 'Do it.');
    assert.deepEqual(prompt.notices, []);
  });

  it('do not choose the model, the tools or an endpoint', () => {
    const { notices } = readPromptFile(PATH, "---\nmodel: ['Evil 1', gpt]\ntools: ['runCommands']\nbaseURL: https://evil.example\n---\nx");
    assert.equal(notices.length, 2);
    assert.match(notices[0] ?? '', /Evil 1, gpt; which model answers is set by/);
    assert.match(notices[1] ?? '', /runCommands/);
  });

  it('without a head, or with a broken one, are their body', () => {
    assert.equal(readPromptFile(PATH, 'Just do it.').body, 'Just do it.');
    const broken = readPromptFile(PATH, '---\n: [\n---\nDo it.');
    assert.equal(broken.body, 'Do it.');
    assert.match(broken.notices[0] ?? '', /no valid YAML/);
  });

  it('point to files beside them, to files from the top, and with #file', () => {
    assert.deepEqual(
      links('[a](a.md) [b](../../src/b.ts) [c](/src/c.ts#L3) [d](<my docs/d e.md>) [e](e%20f.md "title") #file:src/g.ts, #file:\'h i.ts\''),
      ['.github/prompts/a.md', 'src/b.ts', 'src/c.ts', '.github/prompts/my docs/d e.md', '.github/prompts/e f.md', 'src/g.ts', 'h i.ts'],
    );
  });

  it('point nowhere in code, to addresses, to places in themselves, or twice', () => {
    assert.deepEqual(
      links(
        '`[a](a.md)` [b](https://b.example/b.md) [c](#c) [m](mailto:x@y.z)\n```\n[d](d.md)\n```\n~~~\n#file:e.ts\n~~~\n[f](f.md) [f again](./f.md)',
      ),
      ['.github/prompts/f.md'],
    );
  });

  it('are read in time that grows with their length, however they are made', () => {
    const long: [string, string][] = [
      ['a run of marks', `x${'`'.repeat(50_000)}${'a'.repeat(45_000)}`],
      ['a line of marks', '`'.repeat(99_000)],
      ['runs of every length', Array.from({ length: 400 }, (_, index) => '`'.repeat(index + 1)).join('a')],
      ['links to one file', '[](a) '.repeat(16_000)],
      ['a deep head', `---\nx: ${'['.repeat(9000)}\n---\nx`],
      ['many keys', `---\n${Array.from({ length: 900 }, (_, index) => `k${index}: v`).join('\n')}\n---\nx`],
    ];
    const times = long.map(([name, text]) => {
      const start = performance.now();
      readPromptFile(PATH, text);
      return [name, performance.now() - start] as const;
    });
    // Where the time grows with the square, each of the first takes half a minute.
    for (const [name, time] of times) assert.ok(time < 10_000, `${name}: ${time} ms`);
  }).timeout(120_000);

  it('are refused when they are too long or point to too much, with the reason', () => {
    assert.throws(() => readPromptFile(PATH, 'x'.repeat(100_001)), { reason: 'too-large', message: /longer than 100,000 characters/ });
    const many = Array.from({ length: 201 }, (_, index) => `[](a${index})`).join('\n');
    assert.throws(() => readPromptFile(PATH, many), {
      reason: 'config',
      message: /more than 200 files/,
      location: { path: PATH, line: 201 },
    });
    const levels = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(', ')}]`);
    const bomb = `---\nx0: &x0 [a]\n${levels.join('\n')}\nmodel: x\n---\nDo it.`;
    assert.match(readPromptFile(PATH, bomb).notices.join(), /no valid YAML/);
    assert.match(readPromptFile(PATH, `---\na: ${'x'.repeat(10_000)}\n---\nDo it.`).notices.join(), /too long/);
  });

  for (const target of [
    '../../../secret.txt',
    '/../x',
    '../../../../etc/passwd',
    'C:/x',
    '..%2F..%2F..%2Fx',
    'a/../../../../x',
    '..\\..\\x',
  ]) {
    it(`that point outside are refused: ${target}`, () => {
      let failure: ReturnType<typeof failureOf>;
      try {
        readPromptFile(PATH, `---\ndescription: x\n---\n\nRead\n[this](${target}).`);
      } catch (error) {
        failure = failureOf(error);
      }
      assert.equal(failure?.reason, 'config');
      assert.match(failure.message, /points out of the workspace/);
      assert.deepEqual(failure.location, { path: PATH, line: 6 });
      assert.ok(failure.hint);
    });
  }

  it('get their variables', () => {
    const { text, notices } = filled(
      '${file} ${relativeFile} ${fileBasename} ${fileBasenameNoExtension} ${fileDirname} ${workspaceFolder} ${workspaceFolderBasename} ${selection}',
      {
        file: 'src/cart.test.ts',
        selected: true,
      },
    );
    assert.equal(text, 'src/cart.test.ts src/cart.test.ts cart.test.ts cart.test src . shop the selected lines shown below');
    assert.deepEqual(notices, []);
  });

  it('get what the person said, else what they suggest, else say that it is missing', () => {
    const body = 'In ${input:style:short}, for ${input:who}, and ${input:who} again. ${file} `${other}` ${selectedText}';
    const { text, notices } = filled(body, { inputs: { who: '$& ${file}' } });
    assert.equal(text, 'In short, for $& ${file}, and $& ${file} again. ${file} `${other}` ${selectedText}');
    assert.deepEqual(notices, [
      `${PATH} uses \${file}, which has no value here.`,
      `${PATH} uses \${selectedText}, which has no value here.`,
    ]);
    assert.deepEqual(promptInputs(body), [
      { name: 'style', placeholder: 'short' },
      { name: 'who', placeholder: '' },
    ]);
    assert.equal(filled('${input:__proto__}').text, '${input:__proto__}');
  });
});
