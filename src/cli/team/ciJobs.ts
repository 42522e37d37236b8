/**
 * The job that collects what people sent and releases it, for each host: `handrail team init --ci HOST` prints it, and
 * `scripts/ciJobs.mjs` writes it into examples/ci. The commands are the same everywhere.
 */

export const CI_HOSTS = ['github', 'gitlab', 'sh'] as const;
export type CiHost = (typeof CI_HOSTS)[number];

/** Where each belongs in a repository. */
export const CI_PLACES: Readonly<Record<CiHost, string>> = {
  github: '.github/workflows/handrail-figures.yml',
  gitlab: 'handrail-figures.gitlab-ci.yml',
  sh: 'handrail-figures.sh',
};

/** A place of `handrail team collect`. */
export const USUAL_FROM = 'git:origin';

export function ciJob(host: CiHost, from: string = USUAL_FROM): string {
  if (host === 'github') return github(from);
  return host === 'gitlab' ? gitlab(from) : shell(from);
}

/** Collects, releases and commits; `$WORK` is an empty folder outside of the repository, `$KEY` the file with the private key. */
function commands(from: string, { isLogged }: { isLogged: boolean }): string[] {
  // A shell is the operator's own; what a host logs, others read.
  const quiet = isLogged ? ' > /dev/null' : '';
  return [
    ...(isLogged ? ['# How many sent something, and what of it did not count, is for whoever has the key: others read this log.'] : []),
    `handrail team collect --from ${quoted(from)} --out "$WORK/contributions"${quiet}`,
    `handrail team release --in "$WORK/contributions" --out .handrail/releases --key "$KEY" --prove${quiet}`,
    // Where no window was due yet there is no such folder.
    'if [ -d .handrail/releases ]; then git add .handrail/releases; fi',
  ];
}

/** Where the last proposal is kept: no branch, so that nothing which tidies branches takes it along, and no page of a host lists it. */
const KEPT = 'refs/handrail-figures/released';

/**
 * Begins with what an earlier run proposed and nobody has merged yet. Whoever saw that proposal could subtract it from another release
 * of the same window, so a window is never released twice, merged or not, and also where the proposal's branch was deleted. Of two
 * ledgers one has to continue the other.
 */
const PROPOSED = [
  '# What was proposed before counts as released, merged or not, and also where its branch was deleted: the difference of two releases of',
  '# a window would tell too much.',
  'LEDGER=.handrail/releases/ledger.json',
  `last() { printf '%s\\n' "$1" | grep -o '"hash":"sha256:[0-9a-f]*"' | tail -n 1; }`,
  `for KEPT in ${KEPT} refs/heads/handrail-figures; do`,
  '  FOUND="$(git ls-remote origin "$KEPT")"',
  '  if [ -z "$FOUND" ]; then continue; fi',
  '  git fetch --quiet --depth=1 origin "$KEPT"',
  '  PROPOSED="$(git show "FETCH_HEAD:$LEDGER")"',
  '  if [ -e "$LEDGER" ]; then',
  '    MERGED="$(cat "$LEDGER")"',
  '    case "$MERGED" in *"$(last "$PROPOSED")"*) continue ;; esac',
  '    case "$PROPOSED" in',
  '      *"$(last "$MERGED")"*) ;;',
  '      *)',
  '        echo "$LEDGER does not continue what was proposed before ($KEPT), so nothing is released. Restore it from there." >&2',
  '        exit 1',
  '        ;;',
  '    esac',
  '  fi',
  '  git checkout --quiet FETCH_HEAD -- .handrail/releases',
  'done',
];

/** For a shell; a plain word stays one that can be read. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const indented = (lines: readonly string[], by: number): string => lines.map((line) => `${' '.repeat(by)}${line}`).join('\n');

const WHAT = `# Releases the team's figures: collects what people sent, opens it with the team's key, and commits figures of groups that isolate
# nobody. A window is released once, a week after it ended; in the other weeks this does nothing.`;

function github(from: string): string {
  return `${WHAT}
#
# Whoever can change this job, or read its secret, can open what each person sent. So
# - make an environment "handrail-figures" that only the default branch may use (Settings, Environments), and put the file of
#   handrail team init (or keygen) there as the secret HANDRAIL_TEAM_KEY; then delete the file;
# - name owners of .github/ and .handrail/ in CODEOWNERS, and protect the default branch.
# It proposes what it releases, so allow Actions to create pull requests (Settings, Actions, General).
name: Handrail figures
on:
  schedule:
    - cron: '23 5 * * 1'
  workflow_dispatch:
concurrency: handrail-figures
permissions:
  contents: write
  pull-requests: write
jobs:
  release:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    environment: handrail-figures
    env:
      GH_TOKEN: \${{ github.token }}
      BASE: \${{ github.event.repository.default_branch }}
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          ref: \${{ github.event.repository.default_branch }}
          persist-credentials: false
      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with:
          node-version: 24
      # This version and no other: put in where you keep the package, and its digest (sha256sum handrail-0.1.0.tgz).
      - name: Install Handrail
        env:
          PACKAGE: https://packages.example.com/handrail-0.1.0.tgz
          SHA256: 0000000000000000000000000000000000000000000000000000000000000000
        run: |
          curl --fail --silent --show-error --location --output "$RUNNER_TEMP/handrail.tgz" "$PACKAGE"
          echo "$SHA256  $RUNNER_TEMP/handrail.tgz" | sha256sum --check --strict
          npm install --global --ignore-scripts "$RUNNER_TEMP/handrail.tgz"

      - name: Collect and release
        env:
          HANDRAIL_TEAM_KEY: \${{ secrets.HANDRAIL_TEAM_KEY }}
        run: |
          gh auth setup-git
          WORK="$(mktemp -d)"
          KEY="$WORK/team-key.json"
          trap 'rm -rf "$WORK"' EXIT
          (umask 077 && printf '%s\\n' "$HANDRAIL_TEAM_KEY" > "$KEY")
${indented([...PROPOSED, ...commands(from, { isLogged: true })], 10)}

      # Everyone who shares holds the team to its ledger, so it is committed, by a pull request that somebody looks at.
      - name: Propose the releases
        run: |
          if git diff --cached --quiet; then echo 'Nothing is new.'; exit 0; fi
          git -c user.name=Handrail -c user.email=handrail@users.noreply.github.com commit --quiet --message "Release the team's figures"
          # Kept before anybody sees it.
          git push --force origin HEAD:${KEPT}
          git push --force origin HEAD:refs/heads/handrail-figures
          if [ -z "$(gh pr list --head handrail-figures --state open --json number --jq '.[].number')" ]; then
            gh pr create --base "$BASE" --head handrail-figures --title "Release the team's figures" --body 'Written by handrail team release.'
          fi
`;
}

function gitlab(from: string): string {
  return `${WHAT}
#
# Whoever can change this job, or read its variables, can open what each person sent. So
# - keep this file in a project that only its maintainers may push to, and protect the default branch;
# - put the file of handrail team init (or keygen) into the variable HANDRAIL_TEAM_KEY, of type File and protected; then delete the file;
# - make a project access token that may write the repository, and put it into HANDRAIL_PUSH_TOKEN, masked and protected.
# Run it weekly, by a schedule of the default branch (Build, Pipeline schedules).
handrail-figures:
  stage: deploy
  image: node:24-bookworm
  resource_group: handrail-figures
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_REF_PROTECTED == "true"
  variables:
    GIT_STRATEGY: clone
    # This version and no other: put in where you keep the package, and its digest (sha256sum handrail-0.1.0.tgz).
    HANDRAIL_PACKAGE: https://packages.example.com/handrail-0.1.0.tgz
    HANDRAIL_SHA256: '0000000000000000000000000000000000000000000000000000000000000000'
  before_script:
    - curl --fail --silent --show-error --location --output /tmp/handrail.tgz "$HANDRAIL_PACKAGE"
    - echo "$HANDRAIL_SHA256  /tmp/handrail.tgz" | sha256sum --check --strict
    - npm install --global --ignore-scripts /tmp/handrail.tgz
  script:
    - |
      set -eu
      KEY="$HANDRAIL_TEAM_KEY"
      WORK="$(mktemp -d)"
      trap 'rm -rf "$WORK"' EXIT
${indented([...PROPOSED, ...commands(from, { isLogged: true })], 6)}
      # Everyone who shares holds the team to its ledger, so it is committed, by a merge request that somebody looks at.
      if git diff --cached --quiet; then echo 'Nothing is new.'; exit 0; fi
      git -c user.name=Handrail -c user.email=handrail@noreply.invalid commit --quiet --message "Release the team's figures"
      push() {
        git -c credential.helper='!f() { echo username=handrail; echo "password=$HANDRAIL_PUSH_TOKEN"; }; f' push --force "$@"
      }
      # Kept before anybody sees it.
      push "$CI_SERVER_URL/$CI_PROJECT_PATH.git" HEAD:${KEPT}
      push --push-option merge_request.create --push-option "merge_request.target=$CI_DEFAULT_BRANCH" \\
        "$CI_SERVER_URL/$CI_PROJECT_PATH.git" HEAD:refs/heads/handrail-figures
`;
}

function shell(from: string): string {
  return `#!/bin/sh
${WHAT}
#
#     handrail-figures.sh KEY
#
# KEY is the file of handrail team init (or keygen). Run it in a clone of the repository, from a scheduler, once a week; what it
# commits is yours to push. Whoever can read the file can open what each person sent.
set -eu
KEY="\${1:?name the file with the private key}"
WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT
${commands(from, { isLogged: false }).join('\n')}
# Everyone who shares holds the team to its ledger, so it is committed.
if git diff --cached --quiet -- .handrail/releases; then
  echo 'Nothing is new.'
else
  git commit --quiet --message "Release the team's figures" -- .handrail/releases
  echo 'The releases are committed. Look at them, and push.'
fi
`;
}
