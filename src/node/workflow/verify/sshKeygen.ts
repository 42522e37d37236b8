import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signer } from '../../../core/workflow/verify/signers.ts';
import { keyOfSignature, type SignedObject } from '../../git/signedObject.ts';
import { onPath, withoutRepository } from '../../programs.ts';

/**
 * Checks SSH signatures with OpenSSH's own `ssh-keygen`, called directly: git would take the program, the keys and the trust from the
 * configuration of the checkout.
 */
export interface SignatureCheck {
  /** Whose signature it is, or why it is nobody's, as the end of a sentence. */
  signerOf(signed: SignedObject, signers: readonly Signer[]): Promise<Signer | { problem: string }>;
}

/** Git signs tags and commits in this namespace. */
const NAMESPACE = 'git';
const PRINCIPAL = 'signer';
const TIME_LIMIT_MS = 20_000;

export function createSignatureCheck(search: { root: string; env: Readonly<Record<string, string | undefined>> }): SignatureCheck {
  const program = onPath('ssh-keygen', search);
  return {
    async signerOf(signed, signers) {
      const key = keyOfSignature(signed.signature);
      const known = signers.filter((signer) => signer.key === key);
      if (key === undefined || known.length === 0)
        return { problem: 'is signed with a key that the allowed signers of the base do not name' };
      if (program === undefined) return { problem: 'cannot be checked, since ssh-keygen is not on this machine' };
      for (const signer of known) {
        if (await isValid(program, withoutRepository(search), signed, signer)) return signer;
      }
      return { problem: 'has a signature that does not hold' };
    },
  };
}

/** One line of allowed signers is enough, made anew from what was understood of it; files lie outside of any checkout. */
async function isValid(program: string, env: NodeJS.ProcessEnv, signed: SignedObject, signer: Signer): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'handrail-signers-'));
  try {
    const options = signer.options === '' ? '' : `${signer.options} `;
    await writeFile(join(folder, 'allowed'), `${PRINCIPAL} ${options}${signer.keyType} ${signer.key}\n`, { mode: 0o600, flag: 'wx' });
    await writeFile(join(folder, 'signature'), signed.signature, { mode: 0o600, flag: 'wx' });
    const args = ['-Y', 'verify', '-f', join(folder, 'allowed'), '-I', PRINCIPAL, '-n', NAMESPACE, '-s', join(folder, 'signature')];
    return await succeeds(program, args, { env, cwd: folder, input: signed.payload });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function succeeds(
  program: string,
  args: readonly string[],
  { env, cwd, input }: { env: NodeJS.ProcessEnv; cwd: string; input: Buffer },
): Promise<boolean> {
  const child = spawn(program, args, { env, cwd, stdio: ['pipe', 'ignore', 'ignore'], timeout: TIME_LIMIT_MS, windowsHide: true });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
