import { expect } from 'vitest';
import { type Habit, type HabitRun, REFUSED, type Status } from './habit.ts';

const LOST = 'create-answer-lost';
const LOGGED_IN = { status: 'completed', results_summary: { hosts_scanned: expect.any(Number) } };

async function afterAnUpgrade({ submit, ended, simulator }: HabitRun): Promise<Status> {
  await ended(await submit());
  simulator.setQuirks(['templates-change']);
  return await ended(await submit({ name: 'After the upgrade' }));
}

/** What a new scan needs, scans of the same name, licences, and a scanner that starts. */
export const CREATE_HABITS: Readonly<Record<string, Habit>> = {
  '/server/status is 503 while it loads': { quirks: ['loading-503=10'], saw: 503 },
  'ready is said too early': { quirks: ['ready-too-early=10'], saw: 503 },
  'a licence without scan API: 412': { quirks: ['no-scan-api-412'], ends: REFUSED, scans: 0 },
  'a licence without scan API: a closed connection': {
    quirks: ['no-scan-api-closed'],
    ends: REFUSED,
    scans: 0,
  },
  'a certificate without SAN, as CA file': { quirks: ['no-san'], trust: 'ca_file' },
  'a certificate without SAN, by its fingerprint': { quirks: ['no-san'], trust: 'fingerprint' },
  'scanner_id is needed': {
    quirks: ['needs-scanner-id'],
    scanner: { scan: { scanner: 'Branch Office' } },
  },
  'folder_id is needed': { quirks: ['needs-folder-id'], scanner: { scan: { folder: 'Scans of agents' } } },
  'policy_id is needed': {
    quirks: ['needs-policy-id'],
    scanner: { scan: { policy: 'Ours' } },
    async prepare({ url, accessKey, secretKey }) {
      const headers = { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}` };
      const { templates } = await (await fetch(`${url}/editor/policy/templates`, { headers })).json();
      const body = JSON.stringify({ uuid: templates[0].uuid, settings: { name: 'Ours' } });
      await fetch(`${url}/policies`, { method: 'POST', headers, body });
    },
  },
  'there is no template "advanced"': {
    quirks: ['no-advanced-template'],
    scanner: { scan: { template: 'basic' } },
  },
  'template uuids change at an upgrade': { quirks: [], drive: afterAnUpgrade, scans: 2, saw: 400 },
  'SHA-2 for SNMPv3 is not known': {
    quirks: ['no-snmp-sha2'],
    scanner: { snmp_v3: { auth_algorithm: 'SHA1' } },
    tool: 'run_authenticated_scan',
    args: { scan_type: 'authenticated', snmp_username: 'audit', snmp_auth_password: 'secret' },
    ends: LOGGED_IN,
  },
  'su+sudo has two accounts': {
    quirks: ['su-sudo-accounts'],
    scanner: { escalation: { su_user: 'operator' } },
    tool: 'run_authenticated_scan',
    args: {
      scan_type: 'authenticated_privileged',
      ssh_username: 'audit',
      ssh_password: 'secret',
      elevate_privileges_with: 'su+sudo',
      escalation_account: 'root',
      escalation_password: 'secret',
    },
    ends: LOGGED_IN,
  },
  'the answer to a create is lost': { quirks: [LOST], saw: 0 },
  'a name comes back trimmed and composed, after a lost answer': {
    quirks: ['names-changed', LOST],
    saw: 0,
    args: { name: ' Bu\u0308ro ' },
  },
  'a shared scan of the same name': { quirks: ['shared-namesake', LOST], saw: 0 },
  '200 scans of the same name': { quirks: ['namesakes', LOST], saw: 0 },
  'an imported scan of the same name': { quirks: ['imported-namesake', LOST], saw: 0 },
  'a scan of the same name that is deleted meanwhile': { quirks: ['deleted-namesake', LOST], saw: 0 },
};
