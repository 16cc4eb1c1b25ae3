import { isCreate } from './calls.ts';
import { isObject } from './edit_fields.ts';
import type { Quirk, QuirkActions, QuirkCall } from './quirk.ts';

/** Habits of what a new scan needs, and of what becomes of it. */
export const CREATE_QUIRKS: readonly Quirk[] = [
  {
    name: 'needs-scanner-id',
    description: 'Tenable VM: a scan without scanner_id is refused.',
    source: "Tenable's page on POST /scans",
    start: () => needs('scanner_id'),
  },
  {
    name: 'needs-folder-id',
    description: 'A scan without folder_id is refused.',
    source: "Tenable's page on POST /scans",
    start: () => needs('folder_id'),
  },
  {
    name: 'needs-policy-id',
    description: 'A scan without policy_id is refused.',
    source: "Tenable's page on POST /scans",
    start: () => needs('policy_id'),
  },
  {
    name: 'no-advanced-template',
    description: 'There is no template "advanced".',
    source: "Tenable's page on templates",
    start: (state) => {
      state.templates = state.templates.filter(({ name }) => name !== 'advanced');
      return {};
    },
  },
  {
    name: 'templates-change',
    description: 'An upgrade: the uuids of all templates are others from now on.',
    source: 'plausible',
    start: (state) => {
      state.upgradeTemplates();
      return {};
    },
  },
  {
    name: 'names-changed',
    description: 'Names of scans come back trimmed, and with accents composed (NFC).',
    source: 'VulnWhisperer#208',
    start: (state) => ({
      after(call, json) {
        const made = isCreate(call) && isObject(json) && isObject(json.scan) ? json.scan : undefined;
        if (made) {
          const { id, name } = state.scans.get(Number(made.id));
          state.scans.change(id, { name: name.trim().normalize('NFC') });
        }
        return undefined;
      },
    }),
  },
  {
    name: 'no-snmp-sha2',
    description: 'SHA-2 for SNMPv3 is not known (it came in 2023), and is refused.',
    source: 'nessrest credentials.py',
    start: () =>
      refusing(async (call) =>
        (await loginsOf(call, 'SNMPv3')).some(({ auth_algorithm: algorithm }) =>
          /^SHA-\d{3}$/.test(String(algorithm)),
        )
          ? 'Invalid value for SNMPv3 auth_algorithm'
          : undefined,
      ),
  },
  {
    name: 'su-sudo-accounts',
    description: 'Two accounts are needed for su+sudo: su_user and escalation_account.',
    source: 'nessrest credentials.py',
    start: () =>
      refusing(async (call) =>
        (await loginsOf(call, 'SSH')).some(
          (login) =>
            login.elevate_privileges_with === 'su+sudo' && !(login.su_user && login.escalation_account),
        )
          ? 'su+sudo needs su_user and escalation_account'
          : undefined,
      ),
  },
  {
    name: 'create-answer-lost',
    description: 'The first scan is created, and the answer is lost.',
    source: 'VulnWhisperer#208',
    value: { is: 'creates', byDefault: 1 },
    start: (_state, creates) => {
      let left = creates;
      return { after: (call) => (isCreate(call) && left-- > 0 ? 'closed' : undefined) };
    },
  },
];

function needs(field: string): QuirkActions {
  return refusing(async (call) => {
    const { settings } = await call.body();
    return isObject(settings) && settings[field] !== undefined ? undefined : `${field} is required`;
  });
}

/** Refuses new scans with 400 for a reason. */
function refusing(reasonOf: (call: QuirkCall) => Promise<string | undefined>): QuirkActions {
  return {
    async before(call) {
      const error = isCreate(call) ? await reasonOf(call) : undefined;
      return error === undefined ? undefined : { status: 400, json: { error } };
    },
  };
}

async function loginsOf(call: QuirkCall, kind: string): Promise<Record<string, unknown>[]> {
  const { credentials } = await call.body();
  const add = isObject(credentials) ? credentials.add : undefined;
  const host = isObject(add) ? add.Host : undefined;
  const logins = isObject(host) ? host[kind] : undefined;
  return Array.isArray(logins) ? logins.filter(isObject) : [];
}
