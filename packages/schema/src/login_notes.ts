import type { Finding, Host } from './finding.ts';

/** Plugins that report only when a login worked: 141118 valid credentials, 110095 no credential issues,
 * 117887 patch assessment available, 12634 and 97993 local enumeration. */
const LOGIN_WORKED: ReadonlySet<string> = new Set(['141118', '110095', '117887', '12634', '97993']);
/** Provided credentials failed. */
const CREDENTIALS_REFUSED = '104410';
/** 21745 patch assessment failed, which it does without credentials too. */
const LOGIN_FAILED: ReadonlySet<string> = new Set(['21745']);
/** 110385 insufficient privilege, 102094 commands need escalation, 24786 Windows scan without admin rights, 117885 intermittent failure. */
const LOGIN_PARTIAL: ReadonlySet<string> = new Set(['110385', '102094', '24786', '117885']);
/** 110723 no credentials were provided. */
const NO_CREDENTIALS = '110723';
/** 19506 tells of the scan itself. */
const SCAN_INFORMATION = '19506';

/** How a scan's login to a host went; `none`: nothing says that there was one. */
export type LoginOutcome = 'success' | 'partial' | 'failed' | 'none';

/** Whether a plugin's findings say something of a login. */
export function saysOfLogin(pluginId: string | null): boolean {
  const id = pluginId ?? '';
  return (
    LOGIN_WORKED.has(id) ||
    LOGIN_FAILED.has(id) ||
    LOGIN_PARTIAL.has(id) ||
    [CREDENTIALS_REFUSED, NO_CREDENTIALS, SCAN_INFORMATION].includes(id)
  );
}

/** Whether a plugin reports only when a login worked. */
export function saysThatLoginWorked(pluginId: string | null): boolean {
  return LOGIN_WORKED.has(pluginId ?? '');
}

/** The word of the line "Credentialed checks : yes, as 'user' via ssh" in plugin 19506's output. */
export function credentialedChecks(output: string): 'yes' | 'no' | 'partial' | undefined {
  const word = /^[ \t]*credentialed checks[ \t]*:[ \t]*(yes|no|partial)\b/im.exec(output)?.[1]?.toLowerCase();
  return word === 'yes' || word === 'no' || word === 'partial' ? word : undefined;
}

/** What a host's findings say of the login to it. */
export class LoginNotes {
  #worked = false;
  #failed = false;
  #partial = false;
  /** Credentials were used and refused. */
  #refused = false;
  /** From the "Credentialed checks" line of plugin 19506. */
  #credentialed: 'yes' | 'no' | 'partial' | undefined;
  /** From the property Credentialed_Scan. */
  #property = false;

  addHost({ properties }: Host): void {
    if (properties.Credentialed_Scan?.toLowerCase() === 'true') this.#property = true;
  }

  add(plugin: string | null, output: unknown): void {
    const id = plugin ?? '';
    if (LOGIN_WORKED.has(id)) this.#worked = true;
    else if (id === CREDENTIALS_REFUSED) this.#refused = this.#failed = true;
    else if (LOGIN_FAILED.has(id) || id === NO_CREDENTIALS) this.#failed = true;
    else if (LOGIN_PARTIAL.has(id)) this.#partial = true;
    else if (id === SCAN_INFORMATION)
      this.#credentialed = credentialedChecks(String(output ?? '')) ?? this.#credentialed;
  }

  addFinding({ plugin_id, plugin_output }: Finding): void {
    this.add(plugin_id, plugin_output);
  }

  /** Whether credentials were used, with or without success. */
  get wereUsed(): boolean {
    return this.#worked || this.#partial || this.#refused || (this.#credentialed ?? 'no') !== 'no';
  }

  /** How it went, where credentials were given. */
  get verdict(): Exclude<LoginOutcome, 'none'> {
    if (this.#partial || this.#credentialed === 'partial') return 'partial';
    if (this.#worked || this.#credentialed === 'yes') return this.#failed ? 'partial' : 'success';
    return 'failed';
  }

  /** How it went, whether or not there was one; the host's property decides where no finding does. */
  get outcome(): LoginOutcome {
    if (this.wereUsed) return this.verdict;
    return this.#property && this.#credentialed === undefined ? 'success' : 'none';
  }
}
