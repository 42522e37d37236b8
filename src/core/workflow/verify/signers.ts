import { foldName, isHostItself, isName, type PersonName } from './names.ts';

/**
 * `.handrail/signers`: whose signature is whose, in OpenSSH's allowed-signers form (ssh-keygen(1), "ALLOWED SIGNERS"). Principals are
 * names as in CODEOWNERS; a line may give all names of one person, `@ada,ada@example.com,@acme/leads ssh-ed25519 AAAA…`, which also tells
 * that the commits of `ada@example.com` are hers.
 */

export interface Signer {
  /** Folded names of one person, teams included. */
  names: PersonName[];
  /** Options as written, such as `valid-before="20270101"`; empty when there are none. */
  options: string;
  keyType: string;
  /** Base64 of the public key. */
  key: string;
}

export interface Signers {
  signers: Signer[];
  /** Lines that are passed over, one sentence each. */
  problems: string[];
}

const KEY =
  /^(?:(?<options>(?:[a-z-]+(?:="[^"]*")?)(?:,[a-z-]+(?:="[^"]*")?)*) )?(?<type>(?:ssh-|ecdsa-sha2-|sk-)[\w@.-]+) (?<key>[A-Za-z0-9+/]+={0,2})(?: .*)?$/;
const KNOWN_OPTIONS = /^(?:namespaces|valid-after|valid-before)=/;
const MAX_LINES = 5_000;

/** Reads the file. Never throws: a line that is not understood counts for nobody. */
export function parseSigners(text: string): Signers {
  const signers: Signer[] = [];
  const problems: string[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .slice(0, MAX_LINES)
    .forEach((line, index) => {
      const plain = line.trim();
      if (plain === '' || plain.startsWith('#')) return;
      const signer = signerOf(plain);
      if (typeof signer === 'string') problems.push(`Line ${index + 1} of the allowed signers is passed over: ${signer}.`);
      else signers.push(signer);
    });
  return { signers, problems };
}

function signerOf(line: string): Signer | string {
  const [, quoted, bare, rest = ''] = /^(?:"([^"]*)"|(\S+))[ \t]+(.*)$/.exec(line) ?? [];
  const principals = (quoted ?? bare ?? '').split(',').map(foldName);
  // OpenSSH would take a pattern for many people; an approval is one person's.
  if (!principals.every(isName)) return 'its principals must be names as in CODEOWNERS, without patterns';
  if (principals.some(isHostItself)) return "a host's own key approves nothing";
  const parts = KEY.exec(rest.replace(/[ \t]+/g, ' '))?.groups;
  if (parts === undefined) return 'it has no key of a known form';
  const options = parts['options'] ?? '';
  if (options !== '' && !options.split(/,(?=[a-z-]+=)/).every((option) => KNOWN_OPTIONS.test(option))) {
    return 'it has an option that is not read here';
  }
  return { names: principals, options, keyType: parts['type'] ?? '', key: parts['key'] ?? '' };
}

/** All names of the people who have one of the given names, the given ones included. */
export function namesOfSamePerson(names: Iterable<PersonName>, signers: readonly Signer[]): Set<PersonName> {
  const all = new Set(names);
  for (let size = -1; size !== all.size;) {
    size = all.size;
    for (const signer of signers) {
      const own = signer.names.filter((name) => !name.includes('/'));
      // A team has many members: that two people share one does not make them the same person.
      if (own.some((name) => all.has(name))) for (const name of own) all.add(name);
    }
  }
  return all;
}
