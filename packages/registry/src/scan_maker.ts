import {
  createFolder,
  createScan,
  credentialSet,
  findTemplate,
  listFolders,
  listManagedScanners,
  listPolicies,
  NessusApiError,
  type NessusClient,
  type ScanSettings,
  TemplateNotFoundError,
  withMarker,
} from '@nmcp/nessus-client';
import { messageOf, NmcpError, type ScannerOnceOptions, type ScanRequest } from '@nmcp/types';
import { loginsOf } from './logins_of.ts';
import type { ScanSettingsConfig } from './scan_settings.ts';
import type { ScannerConfig } from './scanner_config.ts';
import { makeScopePolicy } from './scope_policy.ts';

/** Template of every scan, unless the configuration names another: all checks. */
const TEMPLATE = 'advanced';

/** What the configuration's names stand for on the scanner. */
interface Resolved {
  /** Of the template, or of the policy's template. */
  uuid: string;
  settings: Partial<ScanSettings>;
}

/** Creates scans as a scanner's configuration says. What its names stand for is asked once. */
export class ScanMaker {
  readonly #client: NessusClient;
  readonly #config: Pick<ScannerConfig, 'scan' | 'escalation' | 'snmp_v3'>;
  #resolved: Resolved | undefined;

  constructor(client: NessusClient, config: Pick<ScannerConfig, 'scan' | 'escalation' | 'snmp_v3'> = {}) {
    this.#client = client;
    this.#config = config;
  }

  /**
   * Creates a scan. An upgrade changes the numbers of templates: what is refused for one that was asked for long ago has created
   * nothing, and is made once more with what the scanner says now.
   *
   * @throws {NmcpError} `scanner_error` for a template, policy or scanner that the scanner does not have, naming those that it has
   */
  async create(request: ScanRequest, options: ScannerOnceOptions = {}): Promise<number> {
    const { signal } = options;
    const known = this.#resolved;
    const resolved = known ?? (await this.resolve(signal));
    try {
      return await this.#create(resolved, request, options);
    } catch (error) {
      const isRefused = error instanceof NessusApiError && [400, 404].includes(error.httpStatus);
      if (!known || !isRefused) throw error;
      const anew = await this.resolve(signal);
      if (JSON.stringify(anew) === JSON.stringify(known)) throw error;
      return await this.#create(anew, request, options);
    }
  }

  /** Finds what the configuration names; the folder is made where it is missing. */
  async resolve(signal: AbortSignal | undefined): Promise<Resolved> {
    const { scanner, folder, template, policy, settings = {} } = this.#config.scan ?? NOTHING;
    const { uuid, policyId } = await this.#kind(template, policy, signal);
    const folder_id = folder === undefined ? undefined : await this.#folder(folder, signal);
    const scanner_id = scanner === undefined ? undefined : await this.#scanner(scanner, signal);
    this.#resolved = {
      uuid,
      settings: {
        ...settings,
        ...(policyId === undefined ? {} : { policy_id: policyId }),
        ...(folder_id === undefined ? {} : { folder_id }),
        ...(scanner_id === undefined ? {} : { scanner_id }),
      },
    };
    return this.#resolved;
  }

  /** Says in words what of the configuration works on the scanner, and what does not. Nothing is made. */
  async check(signal: AbortSignal | undefined): Promise<{ works: string[]; problems: string[] }> {
    const { scanner, folder, template, policy } = this.#config.scan ?? NOTHING;
    const [works, problems]: [string[], string[]] = [[], []];
    const note = async (sentence: string, look: () => Promise<unknown>): Promise<void> => {
      try {
        await look();
        works.push(sentence);
      } catch (error) {
        signal?.throwIfAborted();
        problems.push(messageOf(error));
      }
    };
    const kind = policy === undefined ? `the template ${template ?? TEMPLATE}` : `the policy ${policy}`;
    await note(`Scans are made from ${kind}`, () => this.#kind(template, policy, signal));
    if (scanner !== undefined)
      await note(`${scanner} scans, which it manages`, () => this.#scanner(scanner, signal));
    if (folder !== undefined)
      await note(`Scans go to the folder ${folder}`, async () => {
        const folders = await listFolders(this.#client, { signal });
        if (!folders.some(({ name }) => name === folder))
          works.push(`The folder ${folder} is made with the first scan`);
      });
    return { works, problems };
  }

  async #create(
    { uuid, settings }: Resolved,
    { targets, name, description, marker, scope, credentials }: ScanRequest,
    { signal, confirm }: ScannerOnceOptions,
  ): Promise<number> {
    const config = this.#config.scan ?? NOTHING;
    const own = scope && (await makeScopePolicy(this.#client, { scope, marker, config, signal, confirm }));
    const scan = {
      uuid: own?.uuid ?? uuid,
      settings: {
        enabled: true,
        ...settings,
        ...(own ? { policy_id: own.policyId } : {}),
        name,
        text_targets: targets,
        description: withMarker(description, marker),
      },
      ...(credentials ? { credentials: credentialSet(loginsOf(credentials, this.#config)) } : {}),
    };
    return await createScan(this.#client, scan, { signal, beforeSend: confirm });
  }

  async #kind(
    template: string = TEMPLATE,
    policy: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ uuid: string; policyId?: number }> {
    if (policy !== undefined) {
      const policies = await listPolicies(this.#client, { signal });
      const found = policies.find(({ name }) => name === policy);
      if (found?.template_uuid) return { uuid: found.template_uuid, policyId: found.id };
      throw missing(
        'policy',
        policy,
        policies.map(({ name }) => name),
      );
    }
    try {
      return { uuid: (await findTemplate(this.#client, 'scan', template, { signal })).uuid };
    } catch (error) {
      // it is not the caller's input that was not found: the scanner lacks what its configuration names
      if (error instanceof TemplateNotFoundError) throw missing('scan template', template, error.available);
      throw error;
    }
  }

  async #folder(name: string, signal: AbortSignal | undefined): Promise<number> {
    const folders = await listFolders(this.#client, { signal });
    return (
      folders.find((folder) => folder.name === name)?.id ??
      (await createFolder(this.#client, name, { signal }))
    );
  }

  async #scanner(wanted: string | number, signal: AbortSignal | undefined): Promise<number> {
    const scanners = await listManagedScanners(this.#client, { signal });
    const found = scanners.find(({ id, name }) => id === wanted || name === wanted || String(id) === wanted);
    if (found) return found.id;
    throw missing(
      'managed scanner',
      String(wanted),
      scanners.map(({ id, name }) => name ?? String(id)),
    );
  }
}

const NOTHING: ScanSettingsConfig = { settings: {} };

function missing(what: string, name: string, available: readonly string[]): NmcpError {
  return new NmcpError(
    'scanner_error',
    `The scanner has no ${what} ${name}; available are: ${available.join(', ') || 'none'}`,
  );
}
