import { resolveBeside, unsafePath } from '../paths.ts';

/**
 * Workflow files of other repositories, as `extends` names them: `REPOSITORY//PATH@VERSION`. The repository is `owner/name` on GitHub, an
 * https or ssh address, or `user@host:path` as git and ssh know it; the version a tag, a branch or a whole commit.
 */
export interface SharedSource {
  /** As it is written, which is the name that the lock knows it by. */
  text: string;
  /** What stands before `//`. */
  repository: string;
  /** Address that git is given; https or ssh. */
  url: string;
  /** The file, relative to the top of that repository. */
  path: string;
  version: string;
}

/** Why a source is none, and what it should look like. */
export interface BadSource {
  message: string;
  hint: string;
}

const EXAMPLE = 'Write it like owner/repository//path/base.yml@v1.';
/** GitHub's rules for names; stricter ones of other hosts are theirs to enforce. */
const GITHUB = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/;
/** No leading dash anywhere that ssh could take for an option. */
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const SEGMENT = /^[A-Za-z0-9._~+%][A-Za-z0-9._~+%-]*$/;
/** What git-check-ref-format(1) allows, without what needs quoting anywhere. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;

/** Whether an entry of `extends` means another repository, rightly written or not. Everything else is a path. */
export function isShared(target: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(target) || target.includes('//') || /^[^/\s]+@[^/\s]+:/.test(target);
}

/** Reads a source. Nothing that it says is ever run, looked up or fetched by this. */
export function parseSource(text: string): SharedSource | BadSource {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && !/^(?:https|ssh):\/\//i.test(text)) {
    return { message: `"${text}" would be fetched by ${scheme}; only https and ssh are.`, hint: EXAMPLE };
  }
  const rest = scheme === undefined ? 0 : scheme.length + '://'.length;
  const middle = text.indexOf('//', rest);
  if (middle < 0) return { message: `"${text}" names no file of the repository.`, hint: EXAMPLE };
  const repository = text.slice(0, middle);
  const url = urlOf(repository);
  if (typeof url !== 'string') return url;
  const inside = text.slice(middle + 2);
  const at = inside.lastIndexOf('@');
  if (at < 0) return { message: `"${text}" names no version.`, hint: 'Add a tag or a commit behind the path: …/base.yml@v1.' };
  const [path, version] = [inside.slice(0, at), inside.slice(at + 1)];
  const bad = badPath(path) ?? badVersion(version);
  return bad ?? { text, repository, url, path, version };
}

/** The file that a shared file names by a path: it lies beside it, in the same version of the same repository. */
export function sourceBeside(source: SharedSource, target: string): SharedSource | BadSource {
  const unsafe = unsafePath(target);
  if (unsafe !== undefined)
    return { message: `The path ${target} ${unsafe}.`, hint: 'Write it relative to the file, in its folder or below.' };
  return parseSource(`${source.repository}//${resolveBeside(source.path, target)}@${source.version}`);
}

/** Whether a version is a whole commit, which cannot move. */
export function isCommit(version: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(version);
}

function urlOf(repository: string): string | BadSource {
  if (GITHUB.test(repository) && !/\/\.{1,2}$/.test(repository)) return `https://github.com/${repository.replace(/\.git$/, '')}.git`;
  const address = /^(https|ssh):\/\/(?:([^/@]*)@)?([^/:@]+)(?::(\d{1,5}))?\/(.+)$/i.exec(repository);
  if (address) {
    const [, scheme = '', user, host = '', port, path = ''] = address;
    if (user !== undefined && (scheme.toLowerCase() === 'https' || !USER.test(user))) {
      return {
        message: 'The address holds a name or a password.',
        hint: 'Leave it out; git asks your credential helper or your ssh agent.',
      };
    }
    if (!HOST.test(host) || !isRepositoryPath(path)) return notAnAddress(repository);
    return `${scheme.toLowerCase()}://${user === undefined ? '' : `${user}@`}${host.toLowerCase()}${port === undefined ? '' : `:${port}`}/${path}`;
  }
  const [, user = '', host = '', path = ''] = /^([^/@:]+)@([^/:@]+):([^:]+)$/.exec(repository) ?? [];
  return USER.test(user) && HOST.test(host) && isRepositoryPath(path)
    ? `ssh://${user}@${host.toLowerCase()}/${path}`
    : notAnAddress(repository);
}

function notAnAddress(repository: string): BadSource {
  return { message: `"${repository}" is no repository that can be fetched.`, hint: EXAMPLE };
}

function isRepositoryPath(path: string): boolean {
  const segments = path.replace(/\/$/, '').split('/');
  return segments.every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..');
}

function badPath(path: string): BadSource | undefined {
  const unsafe = unsafePath(path);
  if (unsafe !== undefined) return { message: `The path ${unsafe}.`, hint: 'Write it relative to the top of the other repository.' };
  // oxlint-disable-next-line no-control-regex -- what no file name that people write has
  if (!/^[^\\\u0000-\u001f\u007f]+\.ya?ml$/.test(path) || path.split('/').some((part) => part === '' || part === '.' || part === '.git')) {
    return { message: `"${path}" is no workflow file of a repository.`, hint: 'Name a .yml file.' };
  }
  return undefined;
}

function badVersion(version: string): BadSource | undefined {
  const isOne = VERSION.test(version) && !/\.\.|\/\/|\/$|\.$|\.lock(?:\/|$)|\/\./.test(version);
  return isOne ? undefined : { message: `"${version}" is no tag, branch or commit.`, hint: EXAMPLE };
}
