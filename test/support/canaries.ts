import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Looks for texts that must not have been stored, in the disguises that storing could give them: other alphabets, other orders,
 * hashes, and the beginnings of hashes that a shortened one would keep.
 */

/** So much of a hash is enough to tell it apart from chance. */
const HASH_START = 12;

/** Every disguise of the text, as bytes that a file or a name could hold. Hex is written in small letters. */
export function disguises(text: string): { how: string; bytes: string }[] {
  const forms = [text, text.toLowerCase(), text.toUpperCase()].filter((form, index, all) => all.indexOf(form) === index);
  return forms.flatMap((form) => {
    const utf8 = Buffer.from(form, 'utf8');
    const base64 = [0, 1, 2].map((offset) => base64Inside(utf8, offset));
    return [
      { how: 'as it is', bytes: utf8.toString('latin1') },
      { how: 'reversed', bytes: [...form].toReversed().join('') },
      { how: 'in hex', bytes: utf8.toString('hex') },
      { how: 'URL-encoded', bytes: [...utf8].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('') },
      { how: 'in UTF-16', bytes: Buffer.from(form, 'utf16le').toString('latin1') },
      { how: 'in UTF-16, big end first', bytes: Buffer.from(form, 'utf16le').swap16().toString('latin1') },
      ...base64.map((bytes, offset) => ({ how: `in base64 from byte ${offset}`, bytes })),
      ...base64.map((bytes, offset) => ({ how: `in base64url from byte ${offset}`, bytes: urlSafe(bytes) })),
      ...['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) => {
        const digest = createHash(algorithm).update(utf8).digest();
        const shortened = digest.toString('base64').slice(0, HASH_START);
        return [
          { how: `as ${algorithm}`, bytes: digest.toString('hex').slice(0, HASH_START) },
          { how: `as ${algorithm} in base64`, bytes: shortened },
          { how: `as ${algorithm} in base64url`, bytes: urlSafe(shortened) },
        ];
      }),
    ];
  });
}

/** What stays the same of the base64 of the bytes when so many others, any, stand before them and others after. */
function base64Inside(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const from = Math.ceil((offset * 4) / 3);
  const to = Math.floor(((offset + bytes.length) * 4) / 3);
  return whole.slice(from, to);
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

/** Where any of the canaries (by name) is below a folder: in names of files or in their content, in whatever disguise. */
export function findCanaries(folder: string, canaries: Readonly<Record<string, string>>): string[] {
  const needles = Object.entries(canaries).flatMap(([name, text]) => disguises(text).map(({ how, bytes }) => ({ name, how, bytes })));
  return everything(folder).flatMap((path) => {
    const name = Buffer.from(relative(folder, path)).toString('latin1');
    const content = lstatSync(path).isFile() ? readFileSync(path, 'latin1') : '';
    const hay = `${name}\n${content}`;
    // Hex and percent signs may be in capitals.
    const small = hay.toLowerCase();
    return needles
      .filter(({ how, bytes }) => hay.includes(bytes) || (/hex|URL|^as \w+$/.test(how) && small.includes(bytes)))
      .map((needle) => `${needle.name} ${needle.how} in ${relative(folder, path)}`);
  });
}

function everything(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...everything(path)] : [path];
  });
}
