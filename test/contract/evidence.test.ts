import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVIDENCE_SCHEMA } from '../../src/core/workflow/evidence.ts';
import { createFileAtomic, writeFileAtomic } from '../../src/node/atomicFile.ts';
import { handrailHome } from '../../src/node/home.ts';
import { createEvidenceStore } from '../../src/node/workflow/evidenceStore.ts';
import { isAlive, markOf } from '../../src/node/workflow/processLife.ts';
import { createTrustStore } from '../../src/node/workflow/trustStore.ts';

const RUN = 'feat-x-123456';
const WRITER = join(import.meta.dirname, '../support/evidenceWriter.ts');

describe('evidence store', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'handrail evidence-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const writer = (count: number): ChildProcess =>
    spawn(process.execPath, [WRITER, folder, RUN, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });

  /** The ids a writer printed, once it has ended; kills it the hard way after `killAfter` of them. */
  function acknowledged(child: ChildProcess, killAfter = Infinity): Promise<string[]> {
    return new Promise((resolve) => {
      let output = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.split('\n').length > killAfter) child.kill('SIGKILL');
      });
      child.once('close', () => resolve(output.split('\n').slice(0, -1)));
    });
  }

  it('loses nothing of twenty processes at once', async () => {
    const written = (await Promise.all(Array.from({ length: 20 }, () => acknowledged(writer(10))))).flat();
    assert.equal(written.length, 200);
    const { records, problems } = await createEvidenceStore({ folder, runKey: RUN }).read();
    assert.deepEqual(records.map(({ id }) => id).sort(), written.sort());
    assert.deepEqual(problems, []);
  });

  it('loses no acknowledged record of writers killed in the middle, and takes no part of one for a record', async () => {
    const written = (await Promise.all(Array.from({ length: 6 }, (_, i) => acknowledged(writer(100_000), 3 + i)))).flat();
    assert.ok(written.length >= 6 * 3);
    const { records, problems } = await createEvidenceStore({ folder, runKey: RUN }).read();
    const ids = new Set(records.map(({ id }) => id));
    assert.deepEqual(
      written.filter((id) => !ids.has(id)),
      [],
    );
    assert.deepEqual(problems, []);
  });

  it('passes over leftovers and foreign files, and reports damaged records without losing the others', async () => {
    const [id = ''] = await acknowledged(writer(1));
    const hex = id.slice('sha256:'.length);
    const text = readFileSync(join(folder, `${hex}.json`), 'utf8');
    writeFileSync(join(folder, '.tmp-left.json-1-abc'), text.slice(0, 20));
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, `${'a'.repeat(64)}.json`), text.slice(0, 20));
    writeFileSync(join(folder, `${'b'.repeat(64)}.json`), text);
    writeFileSync(join(folder, `${'c'.repeat(64)}.json`), 'x'.repeat(1_000_000));
    mkdirSync(join(folder, `${'d'.repeat(64)}.json`));
    const { records, problems } = await createEvidenceStore({ folder, runKey: RUN }).read();
    assert.deepEqual(
      records.map((record) => record.id),
      [id],
    );
    assert.equal(problems.length, 3);
  });

  it('has nothing where there is no folder yet', async () => {
    assert.deepEqual(await createEvidenceStore({ folder: join(folder, 'none'), runKey: RUN }).read(), { records: [], problems: [] });
  });

  it('replaces a file as a whole while others read it', async () => {
    const path = join(folder, 'deep', 'file.txt');
    const texts = ['a', 'b'].map((letter) => letter.repeat(100_000));
    await writeFileAtomic(path, texts[0] ?? '');
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 50; i += 1) await writeFileAtomic(path, texts[i % 2] ?? '');
      isWriting = false;
    })();
    let reads = 0;
    while (isWriting) {
      assert.ok(texts.includes(readFileSync(path, 'utf8')));
      reads += 1;
      await new Promise(setImmediate);
    }
    await writing;
    assert.ok(reads > 0);
    assert.deepEqual(readdirSync(join(folder, 'deep')), ['file.txt']);
  });

  it('makes a new file whole or not at all when its writer is killed, and never over one that is there', async () => {
    const script = `const { createFileAtomic } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/node/atomicFile.ts'))});
for (let i = 0; ; i += 1) await createFileAtomic(${JSON.stringify(folder)} + '/new/' + i + '.yml', 'x'.repeat(500_000)).then(() => console.log(i));`;
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await acknowledged(child, 3 + round);
      const made = readdirSync(join(folder, 'new')).filter((name) => name.endsWith('.yml'));
      assert.ok(made.length >= 3);
      for (const name of made) assert.equal(readFileSync(join(folder, 'new', name), 'utf8'), 'x'.repeat(500_000));
      rmSync(join(folder, 'new'), { recursive: true });
    }
    await createFileAtomic(join(folder, 'once'), 'first');
    await assert.rejects(createFileAtomic(join(folder, 'once'), 'second'), { code: 'EEXIST' });
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
    await assert.rejects(createFileAtomic(join(folder, 'link'), 'third'), { code: 'EEXIST' });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => createFileAtomic(join(folder, 'race'), text)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(readdirSync(folder).toSorted(), ['link', 'once', 'race']);
  });

  it('tells a process that lives from one that ended, also when the number is used again', async () => {
    const child = writer(100_000);
    const acknowledgedOnce = new Promise((resolve) => child.stdout?.once('data', resolve));
    await acknowledgedOnce;
    const mark = await markOf(child.pid ?? 0);
    assert.equal(await isAlive(mark), true);
    assert.equal(await isAlive({ ...mark, start: `${mark.start}0` }), false, 'another process with this number');
    child.stdout?.resume();
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    assert.equal(await isAlive(mark), false);
  });

  it('believes a process of another machine as long as it says that it lives', async () => {
    const mark = { ...(await markOf(process.pid)), host: 'another-container' };
    assert.equal(await isAlive(mark, 100_000), true);
    assert.equal(await isAlive(mark, 121_000), false);
    const here = { ...(await markOf(process.pid)), start: '' };
    assert.equal(await isAlive(here, 121_000), false, 'the number may be used again where no start is told');
    assert.equal(await isAlive(await markOf(process.pid), 1e9), true, 'here the system is asked, whatever was said');
  });

  it('takes a running record whose machine went silent for interrupted', async () => {
    const store = createEvidenceStore({ folder, runKey: RUN });
    const digest = `sha256:${'0'.repeat(64)}`;
    const running = await store.addRunning({
      schema: EVIDENCE_SCHEMA,
      run: RUN,
      step: 'tests',
      stepDigest: digest,
      workflowDigest: digest,
      changeDigest: digest,
      actor: { kind: 'human' },
      result: { outcome: 'running' },
      previous: null,
    });
    const [name = ''] = readdirSync(join(folder, 'running'));
    const path = join(folder, 'running', name);
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), host: 'another-container' }));
    assert.equal((await store.interrupted([running])).size, 0);
    const past = new Date(Date.now() - 200_000);
    utimesSync(path, past, past);
    assert.deepEqual([...(await store.interrupted([running]))], [running.id]);
  });

  it('remembers trust by digest, for this person only', async () => {
    const [one, other] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
    await createTrustStore(folder).trust(one);
    assert.equal(createTrustStore(folder).isTrusted(one), true);
    assert.equal(createTrustStore(folder).isTrusted(other), false);
    assert.equal(createTrustStore(folder).isTrusted('sha256:../../../etc/passwd'), false);
  });

  it("keeps the person's data where the platform wants it", () => {
    assert.equal(handrailHome({ HANDRAIL_HOME: '/h' }, 'linux'), '/h');
    assert.equal(handrailHome({ XDG_DATA_HOME: '/x' }, 'linux'), '/x/handrail');
    assert.match(handrailHome({ XDG_DATA_HOME: 'relative' }, 'linux'), /\.local\/share\/handrail$/);
    assert.match(handrailHome({}, 'darwin'), /Library\/Application Support\/handrail$/);
  });
});
