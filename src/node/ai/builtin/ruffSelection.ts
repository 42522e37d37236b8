/**
 * Which of Ruff's rules speak in a review: errors, likely bugs, security. Style, typing and taste are off. A test holds both lists against
 * the rules of the installed version.
 */

/** Families, and single rules of families that are otherwise about style. */
const ON = names(`
  F E711 E721 E722 E9 W605 B S ASYNC YTT INT PLE
  PLW0127 PLW0128 PLW0129 PLW0131 PLW0133 PLW0177 PLW0211 PLW0245 PLW0406 PLW0602 PLW0604 PLW0642 PLW0711
  PLW1501 PLW1507 PLW1508 PLW1509 PLW2101 PLR0124 PLR0133
  RUF006 RUF008 RUF009 RUF016 RUF018 RUF024 RUF026 RUF030 RUF032 RUF033 RUF034 RUF040 RUF049 RUF053 RUF060 RUF064
  LOG001 LOG002 LOG004 LOG014 G101 T100 PIE794 PIE796 SIM220 SIM221 SIM222 SIM223
`);

/** By the reason why a rule, or all rules that begin so, are left out: it… */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'is a matter of style or taste': names(`
    E1 E2 E3 E4 E5 E70 E712 E713 E714 E73 E74 W1 W2 W3 W5
    F403 F405 F541 B009 B010 B011 B043 B903 PLW0108 PLW0120 PLW0130 PLW0603 PLW0717 PLW3201 PLW3301
    G00 G010 G20 T20 PIE79 PIE80 PIE81 SIM1 SIM201 SIM202 SIM208 SIM21 SIM3 SIM4 SIM9 LOG007 LOG009 LOG015 BLE
    PLR02 PLR04 PLR09 PLR1 PLR2 PLR5 PLR6
    RUF005 RUF007 RUF010 RUF013 RUF015 RUF017 RUF019 RUF02 RUF036 RUF037 RUF039 RUF041 RUF046 RUF047 RUF05 RUF06 RUF07
  `),
  'is meant too often': names(`
    B007 B008 B019 B028 B904 B905 B911 B912 ASYNC109 PLW1510 PLW1514 PLW2901 DTZ
    S101 S105 S106 S107 S110 S112 S311 S403 S404 S405 S406 S603 S606 S607
    RUF001 RUF002 RUF003 RUF012 RUF043
  `),
  'is about comments for other tools, or files that are not read here': names('RUF028 RUF1 RUF2'),
  'was not stable when it was last looked at': names('PLW0244 PLW1641 RUF004 RUF011 RUF02 RUF031 RUF035 RUF038 RUF045 RUF048'),
};

export const RUFF_SELECTION = { on: ON, leftOut: LEFT_OUT };

export const RUFF_OPTIONS = {
  // Newest grammar: what an older interpreter refuses is the project's own choice, not a finding.
  'target-version': 'py314',
  lint: { select: ON, ignore: Object.values(LEFT_OUT).flat() },
};

function names(text: string): string[] {
  return text.trim().split(/\s+/);
}
