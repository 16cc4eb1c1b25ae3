import type { ScannerState } from '../state/scanner_state.ts';
import { explainValue } from './explain_value.ts';
import { QUIRKS } from './list.ts';
import { parseQuirks } from './parse_quirks.ts';
import type { QuirkActions } from './quirk.ts';

/** A quirk as it is shown. */
export interface QuirkOverview {
  name: string;
  description: string;
  source: string;
  isOn: boolean;
  /** What the number of `name=number` is; absent where it takes none. */
  value?: string;
}

/** The quirks that are switched on. */
export class Quirks {
  readonly #state: ScannerState;
  #active: { name: string; actions: QuirkActions }[] = [];

  constructor(state: ScannerState, entries: readonly string[] = []) {
    this.#state = state;
    this.set(entries);
  }

  /**
   * Switches these on and all others off. One that was on begins anew.
   *
   * @param entries names, or `name=number`
   * @throws {UnknownQuirkError}
   */
  set(entries: readonly string[]): void {
    const parsed = parseQuirks(entries);
    this.#active = parsed.map(({ quirk, value }) => ({
      name: quirk.name,
      actions: quirk.start(this.#state, value),
    }));
  }

  /** What those do that are on, in the order in which they were named. */
  actions(): readonly QuirkActions[] {
    return this.#active.map(({ actions }) => actions);
  }

  overview(): QuirkOverview[] {
    const on = new Set(this.#active.map(({ name }) => name));
    return QUIRKS.map((quirk) => {
      const { name, description, source } = quirk;
      const value = explainValue(quirk);
      return { name, description, source, isOn: on.has(name), ...(value === undefined ? {} : { value }) };
    });
  }
}
