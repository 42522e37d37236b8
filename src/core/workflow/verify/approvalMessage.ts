/**
 * What a person signs to approve a step, or to let one be waived: the message of an annotated tag, or of an empty commit. A signature
 * made for one step, repository or content says nothing about another, because all of it is in the signed text.
 *
 * ```
 * handrail.approval/1
 * repository: github.com/acme/shop
 * step: sign-off
 * step-digest: sha256:…
 * change-digest: sha256:…
 * head: <object name of the approved commit>
 * ```
 *
 * `waiver: sha256:…` names the record of a waiver where that is what is approved. Blank lines do not matter; anything else makes it no
 * approval, so that a text with more in it than one approval is none.
 */

const FORM = 'handrail.approval/1';

export interface ApprovalMessage {
  /** `host/owner/name`, lower case. */
  repository: string;
  /** Id of a step, or {@link POLICY_STEP}. */
  step: string;
  stepDigest: string;
  /** Digest of the part of the change that the step covers. */
  changeDigest: string;
  /** Full object name of the approved commit. */
  head: string;
  /** Id of the record that waives the step. */
  waiver?: string;
}

/** Stands for a step where the change of workflow, models, owners and the like is approved; no step can have this id. */
export const POLICY_STEP = '@policy';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const RULES: Readonly<Record<string, RegExp>> = {
  repository: /^[a-z0-9.-]+(?::\d+)?(?:\/[\w.~-]+)+$/,
  step: /^(?:[a-z][a-z0-9-]{0,63}|@policy)$/,
  'step-digest': DIGEST,
  'change-digest': DIGEST,
  head: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  waiver: DIGEST,
};
const REQUIRED = ['repository', 'step', 'step-digest', 'change-digest', 'head'] as const;

/** Whether a message means to be an approval, a damaged one included. */
export function looksLikeApproval(message: string): boolean {
  return message.trimStart().startsWith('handrail.approval/');
}

/** The lines to sign, without a line break at the end. */
export function approvalLines({ repository, step, stepDigest, changeDigest, head, waiver }: ApprovalMessage): string[] {
  return [
    FORM,
    `repository: ${repository}`,
    `step: ${step}`,
    `step-digest: ${stepDigest}`,
    `change-digest: ${changeDigest}`,
    `head: ${head}`,
    ...(waiver === undefined ? [] : [`waiver: ${waiver}`]),
  ];
}

/** Reads a signed message; a sentence says what is wrong with one that is none. */
export function parseApproval(message: string): ApprovalMessage | { problem: string } {
  const [form, ...lines] = message.split('\n').filter((line) => line.trim() !== '');
  if (form !== FORM) return { problem: 'its message is no approval of a form that is known' };
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, key = '', value = ''] = /^([a-z-]+): (\S+)$/.exec(line) ?? [];
    const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
    if (rule === undefined || !rule.test(value)) return { problem: 'its message holds something that belongs to no approval' };
    if (values.has(key)) return { problem: `its message says twice what its ${key} is` };
    values.set(key, value);
  }
  const missing = REQUIRED.find((key) => !values.has(key));
  if (missing !== undefined) return { problem: `its message does not say its ${missing}` };
  const waiver = values.get('waiver');
  return {
    repository: values.get('repository') ?? '',
    step: values.get('step') ?? '',
    stepDigest: values.get('step-digest') ?? '',
    changeDigest: values.get('change-digest') ?? '',
    head: values.get('head') ?? '',
    ...(waiver === undefined ? {} : { waiver }),
  };
}

/** Name of the tag that holds the approval of a step on a content, without `refs/tags/`. */
export function approvalTag(step: string, changeDigest: string): string {
  return `handrail/${step}/${changeDigest.replace(/^sha256:/, '').slice(0, 16)}`;
}

/**
 * One spelling of where a repository is: `git@github.com:Acme/shop.git` and `https://github.com/acme/shop` are the same. Undefined for
 * what is no address of a host, such as a folder.
 */
export function repositoryName(address: string): string | undefined {
  const text = address.trim();
  const url = /^(?:https?|ssh|git):\/\/(?:[^/@\s]*@)?([^/\s]+)\/(.+)$/i.exec(text);
  const scp = url === null ? /^(?:[^/@\s]+@)?([A-Za-z0-9.-]+\.[A-Za-z0-9.-]+|localhost):(?!\/\/)(.+)$/.exec(text) : null;
  const plain = url === null && scp === null ? /^([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?)\/(.+)$/.exec(text) : null;
  const [, host, path] = url ?? scp ?? plain ?? [];
  if (host === undefined || path === undefined) return undefined;
  const name = `${host}/${path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')}`;
  const folded = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return RULES['repository']?.test(folded) === true ? folded : undefined;
}
