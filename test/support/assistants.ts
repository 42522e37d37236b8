import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAND_IN = fileURLToPath(new URL('assistant.mjs', import.meta.url));

/** What an assistant was asked, and how. */
export interface AssistantRun {
  kind: 'claude' | 'codex' | 'gemini';
  args: string[];
  stdin: string;
  /** Texts of the files that the arguments name. */
  files: string[];
  cwd: string;
  listing: string[];
  env: Record<string, string>;
  settings?: unknown;
  pid: number;
}

/** Executables of the presets' names in a folder of their own, all of them the stand-in. Ends with {@link TestAssistants.remove}. */
export interface TestAssistants {
  readonly folder: string;
  /** Environment with nothing on the PATH but them and this Node. */
  readonly env: Record<string, string>;
  executable(command: 'claude' | 'codex' | 'gemini'): string;
  runs(): AssistantRun[];
  remove(): void;
}

export function createTestAssistants(commands: readonly ('claude' | 'codex' | 'gemini')[] = ['claude', 'codex', 'gemini']): TestAssistants {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail assistants-')));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  chmodSync(STAND_IN, 0o755);
  for (const command of commands) symlinkSync(STAND_IN, join(bin, command));
  const log = join(folder, 'runs.jsonl');
  return {
    folder,
    env: { PATH: [bin, dirname(process.execPath)].join(delimiter), HOME: folder, STAND_IN_LOG: log },
    executable: (command) => join(bin, command),
    runs: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as AssistantRun)
        : [],
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
