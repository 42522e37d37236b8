import { skipByPath } from '../review/collect.ts';
import { unsafePath } from '../../workflow/paths.ts';

/** Which files a generation may change, as far as the path alone tells. */

/**
 * What runs commands, weighs on what assistants do or decides what counts as done, without a person looking at it again. The text that
 * steers a model may come from anyone, so such a file is changed only when the person named it.
 */
const SENSITIVE: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^(?:.*\/)?\.vscode\//u, what: "sets the editor's tasks and settings" },
  { pattern: /\.code-workspace$/u, what: "sets the editor's tasks and settings" },
  { pattern: /^(?:.*\/)?\.(?:idea|fleet|zed)\//u, what: "sets an editor's tasks and settings" },
  { pattern: /^(?:.*\/)?\.(?:husky|githooks)\//u, what: 'runs when git is used' },
  { pattern: /^(?:.*\/)?\.git(?:attributes|modules|config)$/u, what: 'changes what git runs' },
  { pattern: /^(?:.*\/)?\.(?:github|gitea|forgejo)\/(?:workflows|actions)\//u, what: 'runs in continuous integration' },
  {
    pattern:
      /^(?:.*\/)?(?:\.gitlab-ci\.ya?ml|\.circleci\/.*|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.ya?ml|jenkinsfile|\.buildkite\/.*|\.ci\/.*)$/u,
    what: 'runs in continuous integration',
  },
  { pattern: /^(?:.*\/)?\.devcontainer(?:\/|\.json$)/u, what: 'sets up the machine' },
  {
    pattern: /^(?:.*\/)?(?:\.envrc|\.npmrc|\.yarnrc(?:\.yml)?|\.pnp\.[cm]?js|lefthook\.ya?ml|\.pre-commit-config\.ya?ml|\.cargo\/.*)$/u,
    what: 'changes what tools run',
  },
  // Where the workspace is a person's home folder.
  {
    pattern: /^(?:\.ssh\/.*|\.(?:bash|zsh)(?:rc|env|_profile|_login)|\.z?profile|\.zlogin)$/u,
    what: 'changes what runs when somebody signs in',
  },
  {
    pattern:
      /^(?:.*\/)?(?:\.mcp\.json|\.cursor\/.*|\.claude\/.*|\.gemini\/.*|\.codex\/.*|\.windsurf\/.*|\.(?:cursor|windsurf|cline)rules(?:\/.*)?)$/u,
    what: 'steers assistants',
  },
  { pattern: /^(?:.*\/)?(?:agents|claude|gemini)(?:\.override|\.local)?\.md$/u, what: 'steers assistants' },
  {
    pattern: /^(?:.*\/)?\.github\/(?:copilot-instructions\.md|(?:instructions|prompts|chatmodes|agents|hooks)\/.*)$/u,
    what: 'steers assistants',
  },
  { pattern: /^(?:.*\/)?\.handrail\//u, what: "belongs to the team's workflow" },
  { pattern: /^(?:.*\/)?\.handrailignore$/u, what: 'says what models must not read' },
  { pattern: /^(?:.*\/)?codeowners$/u, what: 'says who approves' },
];

/** What is told of a change that a person should read with care: its commands run by themselves. */
const RUNS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^(?:.*\/)?package\.json$/u, what: 'its scripts run when packages are installed or tests are started' },
  {
    pattern: /^(?:.*\/)?(?:makefile|justfile|taskfile\.ya?ml|setup\.py|build\.rs|build\.gradle(?:\.kts)?|conftest\.py)$/u,
    what: 'it runs when the project is built or tested',
  },
];

/** Why a model's edit of this path is refused, as a plain sentence; undefined when it may be made. `named`: the person named the file. */
export function refusedTarget(path: string, named: boolean): string | undefined {
  if (path.trim() === '') return 'The model named no file.';
  const unsafe = unsafePath(path);
  if (unsafe !== undefined) return `The path ${unsafe}, and only files inside the workspace are changed.`;
  const lower = folded(path);
  if (lower.split('/').includes('.git')) return "It is git's own data.";
  if (/^(?:.*\/)?\.handrail\/evidence\//u.test(lower)) return 'Evidence is recorded, not written.';
  const skipped = skipByPath(path);
  if (skipped !== undefined) return `It is not written by hand (${skipped}).`;
  const what = sensitive(path);
  if (what !== undefined && !named) return `It ${what}, so it is changed only when you name it yourself.`;
  return undefined;
}

/** Read differently by one system or another: a device, a stream, a short name, a mark that is dropped, a person's home folder. */
const DIFFERENT = [
  /^\.?$/u,
  /^ |[. ]$/u,
  /[<>:"|?*]/u,
  /^[^.]{1,6}~\d/u,
  /^(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³]|conin\$|conout\$)(?:\.|$)/iu,
] as const;

/** Why no new file of this name is made, as a plain sentence: it would not be the file that a person reads there. */
export function refusedName(path: string): string | undefined {
  // A text can be made to look like another with them.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(path)) return 'The name holds characters that cannot be seen.';
  const segments = path.split(/[\\/]/u);
  const home = segments[0]?.startsWith('~') ? segments[0] : undefined;
  const different = home ?? segments.find((segment) => DIFFERENT.some((pattern) => pattern.test(segment)));
  return different === undefined ? undefined : `The name has a part that is not the same everywhere: "${different}".`;
}

/** What a person should know before accepting a change of this path, as a plain sentence. */
export function cautionFor(path: string): string | undefined {
  const what = sensitive(path);
  if (what !== undefined) return `${path} ${what}: read this change with care.`;
  const runs = RUNS.find(({ pattern }) => pattern.test(folded(path)));
  return runs && `Read the change of ${path} with care: ${runs.what}.`;
}

function sensitive(path: string): string | undefined {
  const lower = folded(path);
  return SENSITIVE.find(({ pattern }) => pattern.test(lower))?.what;
}

/** The path as the least particular file system sees it: without case, with one form of each letter, either slash between folders. */
function folded(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('\\', '/');
}
