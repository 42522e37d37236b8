import { HandrailError } from '../../core/errors.ts';
import type { CommitFacts } from '../../core/workflow/verify/authors.ts';
import { utf8 } from './objects.ts';
import { emailOf, headersOf, messageStart } from './signedObject.ts';

/** What a commit says by itself; what it changes is in its tree. */
export type CommitObject = Omit<CommitFacts, 'id' | 'paths'>;

/**
 * Reads a commit as git stores it (git-cat-file(1), `commit`). Its bytes are read as UTF-8, or as Latin-1 where they are not that: the
 * `encoding` header is a word of the author, and `git log` takes it for the names, too, which it can make unreadable. Fails where it does
 * not say who made it, so that nobody is taken for somebody who wrote nothing.
 */
export function readCommit(id: string, content: Buffer | undefined): CommitObject {
  const text = content === undefined ? '' : (utf8(content) ?? content.toString('latin1'));
  const headers = headersOf(text);
  const [author, committer] = [headers.get('author'), headers.get('committer')];
  if (author === undefined || committer === undefined || !isPerson(author) || !isPerson(committer)) {
    throw new HandrailError('io', `The commit ${id.slice(0, 12)} does not say who made it.`, {
      hint: 'Make it anew with git, and check the repository: git fsck',
    });
  }
  const start = messageStart(text);
  return {
    parents: [...text.slice(0, start).matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent = '']) => parent),
    tree: headers.get('tree') ?? '',
    time: Number(/ (\d+) [-+]\d+$/.exec(committer)?.[1] ?? 0),
    authorEmail: emailOf(author),
    committerEmail: emailOf(committer),
    message: text.slice(start),
  };
}

function isPerson(text: string): boolean {
  return /<[^<>]*>/.test(text);
}
