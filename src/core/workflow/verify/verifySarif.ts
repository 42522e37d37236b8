import type { VerifyCode, VerifyResult } from './result.ts';

const RULES: Readonly<Record<VerifyCode, string>> = {
  'missing-evidence': 'Nothing proves that a step was done',
  'stale-evidence': 'What a step covers was changed after it was done',
  'forged-evidence': 'A record that the step cannot have left',
  'unmet-expectation': 'Something that a step expects does not hold',
  'unauthorised-approval': 'Nobody who may has approved a step',
  'workflow-changed': 'The change weakens the workflow that judges it',
  'models-changed': 'The change chooses other models to review it',
  'dismissals-changed': 'The change dismisses findings',
  'bad-record': 'A file of evidence that is no record',
  'expired-waiver': 'A step was skipped until a day that is past',
};

/**
 * Problems as a SARIF 2.1.0 log (OASIS standard). One about a step stands at the workflow that has the step, one about a file at the file,
 * both without lines.
 */
export function verifySarif({ problems, workflow, folder }: VerifyResult, version: string) {
  const place = `${folder}${workflow?.path ?? '.handrail'}`;
  const used = [...new Set(problems.map(({ code }) => code))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Handrail', version, rules: used.map((id) => ({ id, shortDescription: { text: `${RULES[id]}.` } })) } },
        originalUriBaseIds: { ROOT: { description: { text: 'The top of the repository.' } } },
        results: problems.map(({ code, step, path, detail, hint }) => ({
          ruleId: code,
          ruleIndex: used.indexOf(code),
          level: 'error',
          message: { text: hint === undefined ? detail : `${detail} ${hint}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path ?? place), uriBaseId: 'ROOT' } } }],
          partialFingerprints: { 'handrailProblem/v1': [code, step ?? '', path ?? ''].join(' ') },
          ...(step === undefined ? {} : { properties: { step } }),
        })),
      },
    ],
  };
}

/** A relative path as a URI reference (RFC 3986). */
function uriOf(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');
}
