import * as v from 'valibot';
import { anyNumber, anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import { fileNameOf } from '../report/write_report.ts';
import { FAMILIES, type Group } from '../state/management.ts';
import { notFound, Refusal } from '../state/refusal.ts';
import { type AddRoutes, done, idOf, numberOf } from './app.ts';
import { IdsBody, NameBody } from './ids_body.ts';

/** Folders, scanners, agents and their groups, plugins and rules, settings, mail and proxy. */
export const addManagementRoutes: AddRoutes = (app, state) => {
  addFolders(app, state);
  addScanners(app, state);
  addAgents(app, state);
  addAgentGroups(app, state);
  addPlugins(app, state);
  addPluginRules(app, state);
  addSettings(app, state);
};

const addFolders: AddRoutes = (app, { management: { folders } }) => {
  app.get('/folders', (c) => c.json({ folders: folders.list() }));
  app.post('/folders', async (c) => {
    const { name } = await parseBody(c.req.raw, NameBody);
    if (folders.list().some((folder) => folder.name === name))
      throw new Refusal(400, 'A folder with this name exists already');
    return c.json({ id: folders.add((id) => ({ id, name, type: 'custom', custom: 1, default_tag: 0 })).id });
  });
  const custom = (id: number): number => {
    if (folders.get(id).custom === 0) throw new Refusal(403, 'You cannot change this folder');
    return id;
  };
  app.put('/folders/:id', async (c) => {
    folders.change(custom(idOf(c)), await parseBody(c.req.raw, NameBody));
    return done();
  });
  app.delete('/folders/:id', (c) => {
    folders.remove(custom(idOf(c)));
    return done();
  });
};

const LinkBody = v.looseObject({ link: v.pipe(anyNumber, v.picklist([0, 1])) });
const ControlBody = v.looseObject({ action: v.picklist(['stop', 'pause', 'resume']) });

const addScanners: AddRoutes = (app, state) => {
  const { scanners } = state.management;
  const running = (): object[] =>
    state.scans
      .list()
      .filter((scan) => state.scans.isActive(scan))
      .map((scan) => ({
        id: scan.runs.at(-1)?.uuid,
        name: scan.name,
        scan_id: scan.id,
        status: state.scans.status(scan),
        start_time: Math.floor((scan.runs.at(-1)?.startedAt ?? 0) / 1000),
      }));
  const row = (id: number): object => ({
    ...scanners.get(id),
    scan_count: id === 1 ? running().length : 0,
    loaded_plugin_set: '202611200815',
    ui_version: '10.8.3',
    license: { type: state.settings.licence, ips: state.settings.maxTargets },
    owner: state.settings.username,
  });
  app.get('/scanners', (c) => c.json({ scanners: scanners.list().map(({ id }) => row(id)) }));
  app.get('/scanners/:id', (c) => c.json(row(idOf(c))));
  app.put('/scanners/:id', (c) => {
    scanners.get(idOf(c));
    return done();
  });
  app.delete('/scanners/:id', (c) => {
    if (idOf(c) === 1) throw new Refusal(400, 'The local scanner cannot be deleted');
    scanners.remove(idOf(c));
    return done();
  });
  app.put('/scanners/:id/link', async (c) => {
    const { link } = await parseBody(c.req.raw, LinkBody);
    scanners.change(idOf(c), { linked: link });
    return done();
  });
  app.get('/scanners/:id/scans', (c) => {
    const scans = scanners.get(idOf(c)).id === 1 ? running() : [];
    return c.json({ scans: scans.length === 0 ? null : scans });
  });
  app.post('/scanners/:id/scans/:uuid/control', async (c) => {
    const { action } = await parseBody(c.req.raw, ControlBody);
    const scan = state.scans.list().find((each) => each.runs.at(-1)?.uuid === c.req.param('uuid'));
    if (!scan) throw notFound();
    state.scans[action](scan.id);
    return done();
  });
  app.get('/scanners/:id/key', (c) => c.json({ key: `key-of-${scanners.get(idOf(c)).uuid}` }));
  app.get('/scanners/:id/aws-targets', (c) => {
    scanners.get(idOf(c));
    return c.json({ targets: [] });
  });
};

const addAgents: AddRoutes = (app, { management: { agents } }) => {
  app.get('/agents', (c) => {
    const [offset, limit] = [numberOf(c, 'offset') ?? 0, numberOf(c, 'limit') ?? 1000];
    const all = agents.list();
    const pagination = { total: all.length, limit, offset };
    return c.json({ agents: all.slice(offset, offset + limit), pagination });
  });
  app.delete('/agents', async (c) => {
    agents.removeMany((await parseBody(c.req.raw, IdsBody)).ids);
    return done();
  });
  app.delete('/agents/unlink', async (c) => {
    const { ids } = await parseBody(c.req.raw, IdsBody);
    for (const id of ids) agents.change(id, { status: 'offline' });
    return done();
  });
  app.get('/agents/:id', (c) => c.json({ agents: [agents.get(idOf(c))] }));
  app.delete('/agents/:id', (c) => {
    agents.remove(idOf(c));
    return done();
  });
  app.delete('/agents/:id/unlink', (c) => {
    agents.change(idOf(c), { status: 'offline' });
    return done();
  });
};

const addAgentGroups: AddRoutes = (app, { management: { agentGroups, agents } }) => {
  const row = ({ id, name, members }: Group): object => ({ id, name, agents_count: members.size });
  app.get('/agent-groups', (c) => {
    const all = agentGroups.list();
    return c.json({ groups: all.length === 0 ? null : all.map(row) });
  });
  app.post('/agent-groups', async (c) => {
    const { name } = await parseBody(c.req.raw, NameBody);
    return c.json(row(agentGroups.add((id) => ({ id, name, members: new Set() }))));
  });
  app.delete('/agent-groups', async (c) => {
    agentGroups.removeMany((await parseBody(c.req.raw, IdsBody)).ids);
    return done();
  });
  app.get('/agent-groups/:id', (c) => {
    const group = agentGroups.get(idOf(c));
    return c.json({ ...row(group), agents: [...group.members].map((id) => agents.get(id)) });
  });
  app.put('/agent-groups/:id', async (c) => {
    agentGroups.change(idOf(c), await parseBody(c.req.raw, NameBody));
    return done();
  });
  app.delete('/agent-groups/:id', (c) => {
    agentGroups.remove(idOf(c));
    return done();
  });
  app.put('/agent-groups/:id/agents', async (c) => {
    const { members } = agentGroups.get(idOf(c));
    for (const id of (await parseBody(c.req.raw, IdsBody)).ids) members.add(agents.get(id).id);
    return done();
  });
  app.delete('/agent-groups/:id/agents', async (c) => {
    const { members } = agentGroups.get(idOf(c));
    for (const id of (await parseBody(c.req.raw, IdsBody)).ids) members.delete(id);
    return done();
  });
  app.put('/agent-groups/:id/agents/:agent', (c) => {
    agentGroups.get(idOf(c)).members.add(agents.get(idOf(c, 'agent')).id);
    return done();
  });
  app.delete('/agent-groups/:id/agents/:agent', (c) => {
    if (!agentGroups.get(idOf(c)).members.delete(idOf(c, 'agent'))) throw notFound();
    return done();
  });
};

const addPlugins: AddRoutes = (app) => {
  app.get('/plugins/families', (c) =>
    c.json({ families: FAMILIES.map(({ id, name, plugins }) => ({ id, name, count: plugins.length })) }),
  );
  app.get('/plugins/families/:id', (c) => {
    const family = FAMILIES.find(({ id }) => id === idOf(c));
    if (!family) throw notFound();
    const plugins = family.plugins.map(({ id, name }) => ({ id, name }));
    return c.json({ id: family.id, name: family.name, plugins });
  });
  app.get('/plugins/plugin/:id', (c) => {
    const plugin = FAMILIES.flatMap(({ plugins }) => plugins).find(({ id }) => id === idOf(c));
    if (!plugin) throw notFound();
    const { id, name, family, synopsis, description, solution, details = {} } = plugin;
    const values = Object.entries({
      fname: fileNameOf(plugin),
      synopsis,
      description,
      solution,
      ...details,
    }).flatMap(([key, value]) =>
      [value].flat().map((text) => ({ attribute_name: key, attribute_value: text })),
    );
    return c.json({ id, name, family_name: family, attributes: values });
  });
};

const RuleBody = v.looseObject({
  plugin_id: v.pipe(anyText, v.regex(/^\d+$/, 'expected a number as text')),
  type: v.picklist([
    'recast_critical',
    'recast_high',
    'recast_medium',
    'recast_low',
    'recast_info',
    'exclude',
  ]),
  host: v.optional(v.string(), ''),
  date: v.optional(v.nullable(anyNumber), null),
});

const addPluginRules: AddRoutes = (app, { management: { pluginRules } }) => {
  app.get('/plugin-rules', (c) => {
    const all = pluginRules.list();
    return c.json({ plugin_rules: all.length === 0 ? null : all });
  });
  app.post('/plugin-rules', async (c) => {
    const { plugin_id, type, host, date } = await parseBody(c.req.raw, RuleBody);
    pluginRules.add((id) => ({ id, plugin_id, type, host, date }));
    return done();
  });
  app.delete('/plugin-rules', async (c) => {
    pluginRules.removeMany((await parseBody(c.req.raw, IdsBody)).ids);
    return done();
  });
  app.get('/plugin-rules/:id', (c) => c.json(pluginRules.get(idOf(c))));
  app.put('/plugin-rules/:id', async (c) => {
    const { plugin_id, type, host, date } = await parseBody(c.req.raw, RuleBody);
    pluginRules.change(idOf(c), { plugin_id, type, host, date });
    return done();
  });
  app.delete('/plugin-rules/:id', (c) => {
    pluginRules.remove(idOf(c));
    return done();
  });
};

const AnyBody = v.record(v.string(), v.unknown());

const addSettings: AddRoutes = (app, { management }) => {
  app.get('/settings/advanced', (c) => c.json({ preferences: management.settings }));
  app.put('/settings/advanced', async (c) => {
    const body = await parseBody(c.req.raw, AnyBody);
    for (let i = 0; `setting.${i}.action` in body; i++) {
      const field = (name: string): string => String(body[`setting.${i}.${name}`] ?? '');
      const others = management.settings.filter(({ name }) => name !== field('name'));
      if (field('action') === 'remove') management.settings = others;
      else {
        const id = field('id') || `f${management.settings.length + i}`;
        management.settings = [...others, { id, name: field('name'), value: field('value') }];
      }
    }
    return done();
  });
  app.get('/settings/health/stats', (c) =>
    c.json({
      perf_stats_current: { nessus_cpu: 3, nessus_mem: 512, nessus_vmem: 1024 },
      perf_stats_history: [],
    }),
  );
  app.get('/settings/health/alerts', (c) => c.json([]));
  app.get('/settings/network/mail', (c) => c.json(management.mail));
  app.put('/settings/network/mail', async (c) => {
    const { smtp_pass: _, ...mail } = await parseBody(c.req.raw, AnyBody);
    management.mail = { ...management.mail, ...mail };
    return done();
  });
  app.get('/settings/network/proxy', (c) => c.json(management.proxy));
  app.put('/settings/network/proxy', async (c) => {
    const { proxy_password: _, ...proxy } = await parseBody(c.req.raw, AnyBody);
    management.proxy = { ...management.proxy, ...proxy };
    return done();
  });
};
