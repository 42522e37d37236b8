import { HandrailError, failureOf } from '../../core/errors.ts';
import type { TestCommand } from '../../core/workflow/templates.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';

/**
 * How a project runs its own tests, from its build files; one command for each ecosystem found, joined so that all must pass.
 * Nothing is run to find out. Undefined when no test command is known.
 */
export function findTestCommand(files: NodeWorkspaceFiles): TestCommand | undefined {
  const found = DETECTORS.flatMap((detect) => detect(files) ?? []);
  if (found.length === 0) return undefined;
  return { run: found.map(({ run }) => run).join(' && '), found: found.map(({ found: where }) => where).join(', ') };
}

type Detector = (files: NodeWorkspaceFiles) => TestCommand | undefined;

const DETECTORS: readonly Detector[] = [javascript, python, rust, go, java, dotnet, makefile];

function textOf(files: NodeWorkspaceFiles, path: string): string | undefined {
  try {
    return files.readText(path);
  } catch (error) {
    // A build file that cannot be read tells nothing; init goes on without it.
    if (failureOf(error) instanceof HandrailError) return undefined;
    throw error;
  }
}

/** What npm writes into a new package.json. */
const NO_TESTS = /no test specified/;

function javascript(files: NodeWorkspaceFiles): TestCommand | undefined {
  const script = scriptOf(textOf(files, 'package.json'));
  if (script !== undefined && script.trim() !== '' && !NO_TESTS.test(script)) {
    return { run: `${packageManager(files)} test`, found: 'package.json' };
  }
  const config = files.exists('deno.json') ? 'deno.json' : files.exists('deno.jsonc') ? 'deno.jsonc' : undefined;
  return config === undefined ? undefined : { run: 'deno test', found: config };
}

function scriptOf(text: string | undefined): string | undefined {
  try {
    const manifest: unknown = JSON.parse(text ?? '{}');
    const scripts = isRecord(manifest) ? manifest['scripts'] : undefined;
    const script = isRecord(scripts) ? scripts['test'] : undefined;
    return typeof script === 'string' ? script : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function packageManager(files: NodeWorkspaceFiles): string {
  if (files.exists('pnpm-lock.yaml')) return 'pnpm';
  if (files.exists('yarn.lock')) return 'yarn';
  return files.exists('bun.lock') || files.exists('bun.lockb') ? 'bun run' : 'npm';
}

function python(files: NodeWorkspaceFiles): TestCommand | undefined {
  const configs = ['pytest.ini', 'pyproject.toml', 'setup.cfg', 'tox.ini', 'requirements-dev.txt', 'requirements.txt'];
  const withPytest = configs.find((path) => (path === 'pytest.ini' ? files.exists(path) : /\bpytest\b/.test(textOf(files, path) ?? '')));
  if (withPytest !== undefined) return { run: 'python3 -m pytest', found: withPytest };
  for (const folder of ['tests', 'test', '.']) {
    const test = files.list(folder).find((name) => /^test_.*\.py$/.test(name));
    if (test === undefined) continue;
    const start = folder === '.' ? '' : ` -s ${folder}`;
    const top = folder === '.' || !files.exists(`${folder}/__init__.py`) ? '' : ' -t .';
    return { run: `python3 -m unittest discover${start}${top}`, found: folder === '.' ? test : `${folder}/${test}` };
  }
  return undefined;
}

function rust(files: NodeWorkspaceFiles): TestCommand | undefined {
  return files.exists('Cargo.toml') ? { run: 'cargo test', found: 'Cargo.toml' } : undefined;
}

function go(files: NodeWorkspaceFiles): TestCommand | undefined {
  return files.exists('go.mod') ? { run: 'go test ./...', found: 'go.mod' } : undefined;
}

function java(files: NodeWorkspaceFiles): TestCommand | undefined {
  if (files.exists('pom.xml')) return { run: files.exists('mvnw') ? './mvnw test' : 'mvn test', found: 'pom.xml' };
  const build = ['build.gradle', 'build.gradle.kts'].find((path) => files.exists(path));
  return build === undefined ? undefined : { run: files.exists('gradlew') ? './gradlew test' : 'gradle test', found: build };
}

function dotnet(files: NodeWorkspaceFiles): TestCommand | undefined {
  const solution = files.list('.').find((name) => /\.slnx?$/.test(name));
  return solution === undefined ? undefined : { run: 'dotnet test', found: solution };
}

/** Only when nothing more telling was found: a `test` target usually calls the others. */
function makefile(files: NodeWorkspaceFiles): TestCommand | undefined {
  if (DETECTORS.slice(0, -1).some((detect) => detect(files) !== undefined)) return undefined;
  const path = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => /^test[ \t]*:(?!=)/m.test(textOf(files, name) ?? ''));
  return path === undefined ? undefined : { run: 'make test', found: path };
}
