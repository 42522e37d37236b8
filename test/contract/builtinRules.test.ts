import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BIOME_CONFIGURATION, BIOME_SELECTION } from '../../src/node/ai/builtin/biomeSelection.ts';
import { RUFF_OPTIONS, RUFF_SELECTION } from '../../src/node/ai/builtin/ruffSelection.ts';
import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';

/**
 * Our choice of rules against what the installed engines say they have: every rule of correctness, suspicious code and security is on, or
 * left out for a reason, and no rule of style is on. A new version of an engine that brings, renames or drops a rule fails here.
 */

const require = createRequire(import.meta.url);
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('the rules of the built-in reviewer', function () {
  this.timeout(60_000);

  describe('of Biome', () => {
    const types = readFileSync(require.resolve('@biomejs/wasm-nodejs').replace(/\.js$/, '.d.ts'), 'utf8');
    /** The rules of a group, as the engine's own types name them. */
    function rulesOf(group: string): string[] {
      const body =
        new RegExp(`interface ${group[0]?.toUpperCase()}${group.slice(1)} \\{([^]*?)\\n\\}`).exec(types)?.[1] ?? assert.fail(group);
      return [...body.matchAll(/^\s+([a-z]\w+)\?:/gm)]
        .map((match) => match[1] ?? '')
        .filter((name) => !['recommended', 'preset'].includes(name));
    }

    for (const group of ['correctness', 'suspicious', 'security']) {
      it(`are on or left out: ${group}`, () => {
        const on = BIOME_SELECTION.on[group] ?? [];
        const leftOut = Object.values(BIOME_SELECTION.leftOut[group] ?? {}).flat();
        assert.ok(rulesOf(group).length > 3);
        assert.deepEqual(sorted([...on, ...leftOut]), sorted(rulesOf(group)));
        assert.deepEqual(
          on.filter((name) => leftOut.includes(name)),
          [],
        );
      });
    }

    it('are none of style, complexity, performance or accessibility, and few that are not stable', () => {
      assert.deepEqual(sorted(Object.keys(BIOME_SELECTION.on)), ['correctness', 'nursery', 'security', 'suspicious']);
      assert.ok((BIOME_SELECTION.on['nursery'] ?? []).every((name) => rulesOf('nursery').includes(name)));
      assert.ok((BIOME_SELECTION.on['nursery'] ?? []).length <= 5);
      assert.equal(BIOME_CONFIGURATION.linter.rules.recommended, false, 'a new version must not turn on a rule by itself');
    });
  });

  describe('of Ruff', () => {
    const ruff = require('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
    function exists(selector: string): boolean {
      try {
        new ruff.Workspace({ lint: { select: [selector] } }, ruff.PositionEncoding.Utf16).free();
        return true;
      } catch {
        return false;
      }
    }
    /** Every rule of a family: the engine takes only codes, and beginnings of codes, that it has. */
    function codesOf(family: string, digits: number): string[] {
      const found: string[] = [];
      const look = (number: string): void => {
        if (!exists(family + number)) return;
        if (number.length === digits) found.push(family + number);
        else for (let digit = 0; digit < 10; digit++) look(`${number}${digit}`);
      };
      for (let digit = 0; digit < 10; digit++) look(String(digit));
      return found;
    }
    /** Of all selectors that a code begins with, the longest decides, as in Ruff itself. */
    const longest = (code: string, selectors: readonly string[]): number =>
      Math.max(0, ...selectors.filter((selector) => code.startsWith(selector)).map((selector) => selector.length));

    // Those that are about what a program does; all other families are about how it is written.
    const JUDGED = {
      F: 3,
      E: 3,
      W: 3,
      B: 3,
      S: 3,
      ASYNC: 3,
      YTT: 3,
      INT: 3,
      PLE: 4,
      PLW: 4,
      PLR: 4,
      RUF: 3,
      LOG: 3,
      G: 3,
      T: 3,
      PIE: 3,
      SIM: 3,
      BLE: 3,
      DTZ: 3,
    };
    const leftOut = Object.values(RUFF_SELECTION.leftOut).flat();

    it('are on or left out', () => {
      const unjudged = Object.entries(JUDGED).flatMap(([family, digits]) => {
        const codes = codesOf(family, digits);
        assert.ok(codes.length > 0, family);
        return codes.filter((code) => longest(code, RUFF_SELECTION.on) === 0 && longest(code, leftOut) === 0);
      });
      assert.deepEqual(unjudged, []);
      assert.deepEqual(
        RUFF_SELECTION.on.filter((selector) => leftOut.includes(selector)),
        [],
      );
    });

    it('are all there, and of no family of style', () => {
      assert.deepEqual(
        [...RUFF_SELECTION.on, ...leftOut].filter((selector) => !exists(selector)),
        [],
      );
      const families = sorted(RUFF_SELECTION.on.map((selector) => /^[A-Z]+/.exec(selector)?.[0] ?? ''));
      assert.deepEqual(
        families.filter((family) => !(family in JUDGED)),
        [],
      );
      // Of these families, only what is named is on.
      assert.deepEqual(
        RUFF_SELECTION.on.filter((selector) => ['PLR', 'PLW', 'RUF', 'SIM', 'PIE', 'G', 'T', 'E', 'W', 'LOG'].includes(selector)),
        [],
      );
    });

    it('say what is wrong and keep silent about the rest', () => {
      const workspace = new ruff.Workspace(RUFF_OPTIONS, ruff.PositionEncoding.Utf16);
      const said = (text: string): (string | null)[] => (workspace.check(text) as Ruff.Diagnostic[]).map(({ code }) => code);
      for (const [code, text] of Object.entries({
        W605: 'x = "\\d"\n',
        T100: 'breakpoint()\n',
        PLR0124: 'def f(x):\n    return x == x\n',
        SIM220: 'def f(x):\n    return x and not x\n',
        G101: 'import logging\nlogging.info("x", extra={"name": 1})\n',
        INT001: 'from gettext import gettext as _\ndef f(x):\n    return _(f"a {x}")\n',
        PIE794: 'class A:\n    x = 1\n    x = 2\n',
        YTT101: 'import sys\nprint(sys.version[:3])\n',
        F821: 'print(nothing)\n',
        S602: 'import subprocess\nsubprocess.run("x", shell=True)\n',
      }))
        assert.ok(said(text).includes(code), `${code}: ${said(text).join()}`);
      for (const text of [
        'import os, sys\nprint( os,sys )\n',
        'def F(X):\n  l = lambda: X\n  return l\n',
        'x = 1; y = 2\nif x == True: print(y)\n',
      ])
        assert.deepEqual(said(text), [], text);
    });
  });
});
