import { HandrailError } from '../../../core/errors.ts';
import { EVIDENCE_FOLDER } from '../../../core/workflow/changes.ts';
import type { Step, Workflow } from '../../../core/workflow/definition.ts';
import { stepDigest } from '../../../core/workflow/digests.ts';
import { modelPin } from '../../../core/workflow/modelPin.ts';
import { CODEOWNERS_PATHS, type CodeOwners, parseCodeOwners } from '../../../core/workflow/verify/codeowners.ts';
import { REVIEW_IGNORE_FILE, SIGNERS_FILE } from '../../../core/workflow/verify/policy/guarded.ts';
import { parseSigners, type Signers } from '../../../core/workflow/verify/signers.ts';
import type { GitObjects } from '../../git/objects.ts';
import { listTree, type TreeEntry } from '../../git/trees.ts';
import { MAX_FILE_BYTES, type NodeWorkspaceFiles } from '../../workspaceFiles.ts';
import { type HandrailFiles, loadHandrail } from '../loader.ts';
import type { SharedContent } from '../shared/sharedContent.ts';

/** Everything a commit says about what has to hold. */
export interface PolicyAt {
  commit: string;
  handrail: HandrailFiles;
  /** Digest of what a step of one of its workflows demands. */
  stepDigest(step: Step): string;
  owners: CodeOwners;
  signers: Signers;
  /** Texts of the files beside the workflows that are guarded, links followed, by path from the top. */
  guarded: ReadonlyMap<string, string | undefined>;
  /** A link, a submodule or a file where a folder of policy belongs, which is not read. */
  unread: string | undefined;
}

/** Files of policy that are read; evidence does not count. */
const MAX_FILES = 2_000;

/**
 * Reads policy out of commits, without a checkout, each once. Most branches leave it alone, so what has the same files is parsed once.
 * `prefix` leads from the top to the workspace folder.
 */
export function policyReader(git: GitObjects, prefix: string, shared: Pick<SharedContent, 'read'>): (commit: string) => Promise<PolicyAt> {
  const known = new Map<string, Promise<PolicyAt>>();
  const parsed = new Map<string, Promise<Parsed>>();
  return (commit) => {
    const reading = known.get(commit) ?? readPolicy({ git, prefix, shared }, commit, parsed);
    known.set(commit, reading);
    return reading;
  };
}

/** What follows from the files of the policy alone. */
type Parsed = Pick<PolicyAt, 'handrail' | 'owners' | 'signers' | 'guarded'>;

interface PolicySources {
  git: GitObjects;
  prefix: string;
  /** Workflows of other repositories, which the lock of the commit names by their digest. */
  shared: Pick<SharedContent, 'read'>;
}

async function readPolicy(sources: PolicySources, commit: string, parsed: Map<string, Promise<Parsed>>): Promise<PolicyAt> {
  const { git, prefix } = sources;
  const entries = await listTree(git, commit, [`${prefix}.handrail`, prefix + REVIEW_IGNORE_FILE, ...CODEOWNERS_PATHS]);
  const isEvidence = ({ path }: TreeEntry): boolean => path === prefix + EVIDENCE_FOLDER || path.startsWith(`${prefix}${EVIDENCE_FOLDER}/`);
  const policy = entries.filter((entry) => !isEvidence(entry) && entry.mode !== '160000').slice(0, MAX_FILES);
  // Where a link leads is not told by its own content.
  const linked = policy.some(({ mode }) => mode === '120000') ? commit : '';
  const key = JSON.stringify([linked, policy.map(({ path, object }) => [path, object])]);
  const parsing = parsed.get(key) ?? parsePolicy(sources, commit, policy);
  parsed.set(key, parsing);
  const files = await parsing;
  const prompts = await readTexts(
    git,
    commit,
    promptsOf(
      files.handrail.workflows.map(({ workflow }) => workflow),
      prefix,
    ),
  );
  return {
    ...files,
    guarded: new Map([...files.guarded, ...prompts]),
    commit,
    stepDigest(step) {
      const prompt = step.kind === 'generate' ? prompts.get(prefix + step.prompt) : undefined;
      return stepDigest(step, { prompt, modelPin: modelPin(step, files.handrail.models) });
    },
    unread: entries.find(({ path }) => FOLDERS.some((folder) => path === prefix + folder))?.path,
  };
}

async function parsePolicy({ git, prefix, shared }: PolicySources, commit: string, policy: readonly TreeEntry[]): Promise<Parsed> {
  const texts = await readTexts(
    git,
    commit,
    policy.map(({ path }) => path),
  );
  const ownersPath = CODEOWNERS_PATHS.find((path) => texts.get(path) !== undefined);
  return {
    handrail: loadHandrail(treeFiles(texts, prefix), shared),
    owners: parseCodeOwners(ownersPath === undefined ? '' : (texts.get(ownersPath) ?? ''), ownersPath ?? ''),
    signers: parseSigners(texts.get(prefix + SIGNERS_FILE) ?? ''),
    guarded: new Map([...CODEOWNERS_PATHS, prefix + SIGNERS_FILE, prefix + REVIEW_IGNORE_FILE].map((path) => [path, texts.get(path)])),
  };
}

const FOLDERS: readonly string[] = ['.handrail', '.handrail/workflows'];

function promptsOf(workflows: readonly Workflow[], prefix: string): string[] {
  const prompts = workflows.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'generate' ? [prefix + step.prompt] : [])));
  return [...new Set(prompts)];
}

/** Texts by path from the top; undefined for what is no file, too large or not UTF-8. */
async function readTexts(git: GitObjects, commit: string, paths: readonly string[]): Promise<Map<string, string | undefined>> {
  const contents = await git.files(commit, paths);
  return new Map(paths.map((path, index) => [path, textOf(contents[index])]));
}

/** Text of a file as the workspace would give it: without a byte order mark; undefined for what is not UTF-8 text. */
export function textOf(content: Buffer | undefined): string | undefined {
  if (content === undefined || content.length > MAX_FILE_BYTES || content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** The files of a commit in the form in which a workspace's are read. That a prompt exists is not asked here: its digest tells. */
function treeFiles(texts: ReadonlyMap<string, string | undefined>, prefix: string): NodeWorkspaceFiles {
  const readText = (path: string): string | undefined => {
    if (!texts.has(prefix + path)) return undefined;
    const text = texts.get(prefix + path);
    if (text !== undefined) return text;
    throw new HandrailError('bad-response', `${path} is not UTF-8 text.`, { hint: 'Save it as UTF-8 text.', location: { path } });
  };
  return {
    root: '',
    readText,
    read: async (path) => readText(path),
    exists: () => true,
    list(folder) {
      const start = `${prefix}${folder}/`;
      const names = [...texts.keys()].flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : []));
      return names.filter((name) => !name.includes('/')).sort();
    },
  };
}
