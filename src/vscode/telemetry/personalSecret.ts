import { rm } from 'node:fs/promises';
import type * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { fromBase64url } from '../../node/team/keys.ts';
import { LINKED_ALREADY, secretFile, type SecretPlace } from '../../node/team/secretFile.ts';
import { SECRET_BYTES } from '../../node/team/token.ts';

const KEY = 'handrail.telemetry.secret';

/**
 * The person's secret in the editor's secret storage, which is that of their desktop: windows into remotes and containers share it, so
 * that one person counts once. What the command line was linked with on this machine counts while the editor has none.
 */
export class PersonalSecret implements SecretPlace {
  readonly #secrets: vscode.SecretStorage;
  readonly #path: string;
  readonly #file: SecretPlace;

  /** `path`: the command line's file. */
  constructor(secrets: vscode.SecretStorage, path: string) {
    this.#secrets = secrets;
    this.#path = path;
    this.#file = secretFile(path);
  }

  async read(): Promise<Uint8Array | undefined> {
    return (await this.#stored()) ?? (await this.#file.read());
  }

  async store(secret: Uint8Array): Promise<void> {
    if ((await this.read()) !== undefined) throw new HandrailError('conflict', LINKED_ALREADY, { hint: 'Nothing was changed.' });
    await this.#secrets.store(KEY, Buffer.from(secret).toString('base64url'));
  }

  /** Takes over what only the command line has, so that other windows of this person have it, too. */
  async adopt(): Promise<void> {
    const own = await this.#file.read();
    if (own !== undefined && (await this.#stored()) === undefined) await this.#secrets.store(KEY, Buffer.from(own).toString('base64url'));
  }

  /** Whether editor and command line were linked apart from each other, and would count as two people. */
  async isTwofold(): Promise<boolean> {
    const [stored, own] = [await this.#stored(), await this.#file.read()];
    return stored !== undefined && own !== undefined && Buffer.compare(stored, own) !== 0;
  }

  /** Gives the command line of this machine the editor's secret, whatever it had. */
  async overrule(): Promise<void> {
    const stored = await this.#stored();
    if (stored === undefined) return;
    await rm(this.#path, { force: true });
    await this.#file.store(stored);
  }

  async forget(): Promise<void> {
    await this.#secrets.delete(KEY);
  }

  async #stored(): Promise<Uint8Array | undefined> {
    const bytes = fromBase64url((await this.#secrets.get(KEY)) ?? '');
    return bytes?.length === SECRET_BYTES ? bytes : undefined;
  }
}
