import * as v from 'valibot';
import { anyFlag, anyNumber, anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import { attachmentKey } from '../report/write_report.ts';
import { hostsOf } from '../scan.ts';
import { notFound, Refusal } from '../state/refusal.ts';
import { usedPolicy } from '../state/used_policy.ts';
import { type AddRoutes, done, idOf, numberOf, requestIdOf, scanApi } from './app.ts';
import { IdsBody } from './ids_body.ts';
import { CredentialsSchema, loginsOf } from './scan_logins.ts';
import { hostDetails, hostKnowledge, hostPlugin, listEntry, scanDetails, scanPlugin } from './scan_views.ts';

const SettingsSchema = v.looseObject({
  name: v.pipe(anyText, v.minLength(1)),
  text_targets: v.string(),
  description: v.optional(anyText, ''),
  folder_id: v.optional(anyNumber, 3),
  launch_now: v.optional(anyFlag, false),
  policy_id: v.optional(anyNumber),
});

const ScanBody = v.looseObject({
  uuid: v.string(),
  settings: SettingsSchema,
  credentials: v.optional(CredentialsSchema),
});

const ChangeBody = v.looseObject({
  settings: v.optional(
    v.looseObject({
      name: v.optional(anyText),
      text_targets: v.optional(v.string()),
      description: v.optional(anyText),
      folder_id: v.optional(anyNumber),
    }),
    {},
  ),
  credentials: v.optional(CredentialsSchema),
});

const CopyBody = v.looseObject({ folder_id: v.optional(anyNumber), name: v.optional(anyText) });
const FolderBody = v.looseObject({ folder_id: anyNumber });
const LaunchBody = v.looseObject({ alt_targets: v.optional(v.array(v.string())) });

const ID = '/scans/:id{[0-9]+}';

/** /scans, but for its files. */
export const addScanRoutes: AddRoutes = (app, state) => {
  const guarded = scanApi(state);
  app.get('/scans', (c) => {
    const since = numberOf(c, 'last_modification_date') ?? 0;
    const folder = numberOf(c, 'folder_id');
    const scans = state.scans
      .list()
      .filter(
        (scan) => scan.modifiedAt / 1000 >= since && (folder === undefined || scan.folderId === folder),
      );
    return c.json({
      folders: state.management.folders.list(),
      scans: scans.length === 0 ? null : scans.map((scan) => listEntry(scan, state)),
      timestamp: Math.floor(state.now() / 1000),
    });
  });
  app.post('/scans', guarded, async (c) => {
    const body = await parseBody(c.req.raw, ScanBody);
    if (!state.templates.some((template) => template.uuid === body.uuid))
      throw new Refusal(400, 'Invalid template uuid');
    const { name, description, text_targets: targetText, folder_id: folderId } = body.settings;
    const { launch_now, policy_id } = body.settings;
    const scan = state.scans.create({
      name,
      description,
      targetText,
      folderId,
      templateUuid: body.uuid,
      logins: loginsOf(body.credentials),
      ...(policy_id === undefined ? {} : { policy: usedPolicy(state.management.policies.get(policy_id)) }),
    });
    state.note('created', scan, requestIdOf(c));
    if (launch_now) {
      state.scans.launch(scan.id);
      state.note('launched', scan, requestIdOf(c));
    }
    const { id, uuid } = scan;
    return c.json({ scan: { id, uuid, name, owner: c.get('user').username, enabled: true } });
  });
  app.delete('/scans', guarded, async (c) => {
    const { ids } = await parseBody(c.req.raw, IdsBody);
    const known = new Set(state.scans.list().map(({ id }) => id));
    const deleted = ids.filter((id) => known.has(id));
    for (const id of deleted) state.scans.delete(id);
    return c.json({ deleted });
  });
  app.get('/scans/timezones', (c) =>
    c.json({
      timezones: ['UTC', 'Europe/Berlin', 'America/New_York'].map((value) => ({ name: value, value })),
    }),
  );
  app.get(ID, (c) => {
    const scan = state.scans.get(idOf(c));
    return c.json(scanDetails(scan, state, state.scans.run(scan, numberOf(c, 'history_id'))));
  });
  app.put(ID, guarded, async (c) => {
    const { settings, credentials } = await parseBody(c.req.raw, ChangeBody);
    const changed = state.scans.change(idOf(c), {
      ...(settings.name === undefined ? {} : { name: settings.name }),
      ...(settings.text_targets === undefined ? {} : { targetText: settings.text_targets }),
      ...(settings.description === undefined ? {} : { description: settings.description }),
      ...(settings.folder_id === undefined ? {} : { folderId: settings.folder_id }),
      ...(credentials ? { logins: loginsOf(credentials) } : {}),
    });
    return c.json(listEntry(changed, state));
  });
  app.delete(ID, guarded, (c) => {
    const scan = state.scans.get(idOf(c));
    state.scans.delete(scan.id);
    state.note('deleted', scan, requestIdOf(c));
    return done();
  });
  app.post(`${ID}/copy`, guarded, async (c) => {
    const { folder_id: folderId, name } = await parseBody(c.req.raw, CopyBody);
    return c.json(listEntry(state.scans.copy(idOf(c), { folderId, name }), state));
  });
  app.post(`${ID}/launch`, guarded, async (c) => {
    const body = await parseBody(c.req.raw, LaunchBody);
    const id = idOf(c);
    const { uuid } = state.scans.launch(id, body.alt_targets);
    state.note('launched', state.scans.get(id), requestIdOf(c));
    return c.json({ scan_uuid: uuid });
  });
  for (const [verb, act] of [
    ['stop', 'stop'],
    ['kill', 'stop'],
    ['force-stop', 'stop'],
    ['pause', 'pause'],
    ['resume', 'resume'],
  ] as const) {
    app.post(`${ID}/${verb}`, guarded, (c) => {
      const id = idOf(c);
      state.scans[act](id);
      if (act === 'stop') state.note('stopped', state.scans.get(id), requestIdOf(c));
      return done();
    });
  }
  app.put(`${ID}/status`, (c) => {
    state.scans.change(idOf(c), { isRead: c.req.query('read') === 'true' });
    return done();
  });
  app.get(`${ID}/trails`, (c) => {
    state.scans.get(idOf(c)); // the audit trail of a plugin that found nothing is empty
    return c.json({ trails: [] });
  });
  app.put(`${ID}/folder`, async (c) => {
    const { folder_id: folderId } = await parseBody(c.req.raw, FolderBody);
    state.scans.change(idOf(c), { folderId: state.management.folders.get(folderId).id });
    return done();
  });
  app.put(`${ID}/schedule`, guarded, (c) => {
    const scan = state.scans.change(idOf(c), { isScheduled: c.req.query('enabled') === 'true' });
    return c.json({
      enabled: scan.isScheduled,
      control: true,
      rrules: null,
      starttime: null,
      timezone: null,
    });
  });
  app.delete(`${ID}/history/:history{[0-9]+}`, (c) => {
    state.scans.deleteHistory(idOf(c), idOf(c, 'history'));
    return done();
  });
  app.get(`${ID}/hosts/:host{[0-9]+}`, (c) => {
    const scan = state.scans.get(idOf(c));
    return c.json(
      hostDetails(scan, idOf(c, 'host'), state, state.scans.run(scan, numberOf(c, 'history_id'))),
    );
  });
  app.get(`${ID}/hosts/:host{[0-9]+}/kb`, (c) => {
    const scan = state.scans.get(idOf(c));
    const run = state.scans.run(scan, numberOf(c, 'history_id'));
    return c.text(hostKnowledge(scan, idOf(c, 'host'), state, run));
  });
  app.get(`${ID}/hosts/:host{[0-9]+}/plugins/:plugin{[0-9]+}`, (c) => {
    const scan = state.scans.get(idOf(c));
    const run = state.scans.run(scan, numberOf(c, 'history_id'));
    return c.json(hostPlugin(scan, idOf(c, 'host'), idOf(c, 'plugin'), state, run));
  });
  app.get(`${ID}/plugins/:plugin{[0-9]+}`, (c) => {
    const scan = state.scans.get(idOf(c));
    return c.json(
      scanPlugin(scan, idOf(c, 'plugin'), state, state.scans.run(scan, numberOf(c, 'history_id'))),
    );
  });
  app.get(`${ID}/attachments/:attachment{[0-9]+}`, (c) => {
    const scan = state.scans.get(idOf(c));
    const key = c.req.query('key');
    for (const { host } of hostsOf(scan, state.world, state.now())) {
      if (attachmentKey(String(state.settings.seed), host) === key)
        return c.body(`Attachment of ${host.name}\n`, 200, { 'content-type': 'application/octet-stream' });
    }
    throw notFound();
  });
};
