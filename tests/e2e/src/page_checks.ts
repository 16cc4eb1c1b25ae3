import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(options: {
    runOnly?: string[];
  }): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

/** What reaches beyond the window, other than in a part that scrolls by itself. */
export function wideElements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document.documentElement.scrollWidth <= window.innerWidth
      ? []
      : [...document.querySelectorAll('main *')]
          .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
          .filter((each) => each.closest('.scroll') === null || each.matches('.scroll'))
          .map((each) => each.outerHTML.slice(0, 200)),
  );
}

/** Cells with an address, a port, a date or a number that stand on more than one line, or are cut off. */
export function brokenCells(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('td.fixed, td.number, time')].flatMap((cell) => {
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      const lines = new Set<number>();
      while (texts.nextNode()) {
        if (texts.currentNode.parentElement?.closest('.hidden')) continue; // for those who listen
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        for (const { top, bottom } of range.getClientRects()) lines.add(Math.round((top + bottom) / 2));
      }
      const spread = Math.max(...lines) - Math.min(...lines);
      const isCut = cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth > 0;
      return spread > 8 || isCut
        ? [`${spread} ${cell.scrollWidth}/${cell.clientWidth} ${cell.outerHTML.slice(0, 200)}`]
        : [];
    }),
  );
}

/**
 * What axe minds in a page, of what is serious or critical.
 *
 * @param rules of axe; undefined: all
 */
export async function seriousFor(page: Page, rules?: string[]): Promise<string[]> {
  // axe is put in by the debugger, which the policy of the page does not concern
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const violations = await page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    return (await axe.run(runOnly ? { runOnly } : {})).violations;
  }, rules);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
