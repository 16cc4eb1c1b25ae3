import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { type Faults, injectFaults } from './faults.ts';
import { INSPECTION_PATH, inspectionRoutes, type RequestLog, recordRequests } from './inspection.ts';
import { countSeverities } from './network/findings.ts';
import { parseBody } from './parse_body.ts';
import { textStream } from './report/text_stream.ts';
import { documentOf, hostsOf, reportHost, type SimulatedScan } from './scan.ts';
import { type Licence, Refusal, type ScannerState } from './state.ts';
import { TEMPLATES } from './templates.ts';

type App = Hono<{ Bindings: HttpBindings }>;

const VERSION = '10.8.3';

const PRODUCT: Readonly<Record<Licence, string>> = {
  manager: 'Nessus Manager',
  professional: 'Nessus Professional',
  essentials: 'Nessus Essentials',
};

const LoginBody = v.object({ username: v.string(), password: v.string() });

const ScanBody = v.looseObject({
  uuid: v.string(),
  settings: v.looseObject({
    name: v.pipe(v.string(), v.minLength(1)),
    text_targets: v.string(),
    description: v.optional(v.string(), ''),
    folder_id: v.optional(v.number(), 3),
    launch_now: v.optional(v.boolean(), false),
  }),
  credentials: v.optional(
    v.looseObject({
      add: v.optional(
        v.looseObject({
          Host: v.optional(
            v.looseObject({
              SSH: v.optional(
                v.array(
                  v.looseObject({
                    username: v.string(),
                    password: v.optional(v.string(), ''),
                    elevate_privileges_with: v.optional(v.string()),
                  }),
                ),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** What a scanner is served with. */
export interface RouteOptions {
  state: ScannerState;
  faults: Faults;
  log: RequestLog;
}

/** The REST API of the simulated scanner. */
export function createRoutes({ state, faults, log }: RouteOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ error: error.message }, error.status);
    return c.json({ error: 'Internal error' }, 500);
  });
  app.notFound((c) => c.json({ error: 'The requested file was not found.' }, 404));
  app.use(recordRequests(log));
  app.route(INSPECTION_PATH, inspectionRoutes(state, log, faults));
  app.use(injectFaults(faults, state));
  addServerRoutes(app, state);
  app.use(whileReady(state));
  app.use(authenticate(state));
  addEditorRoutes(app, state);
  addScanRoutes(app, state);
  addExportRoutes(app, state);
  return app;
}

/** A scanner that still compiles its plugins answers 503 to all but /server. */
function whileReady(state: ScannerState): MiddlewareHandler {
  return async (_c, next) => {
    if (state.isLoading) throw new Refusal(503, 'Nessus is loading');
    return await next();
  };
}

function addServerRoutes(app: App, state: ScannerState): void {
  app.get('/server/status', (c) =>
    c.json(
      state.isLoading
        ? { code: 503, status: 'loading', progress: 50 }
        : { code: 200, status: 'ready', progress: null },
    ),
  );
  app.get('/server/properties', (c) => {
    const { licence, maxTargets } = state.settings;
    return c.json({
      nessus_type: PRODUCT[licence],
      nessus_ui_version: VERSION,
      server_version: VERSION,
      server_uuid: '00000000-0000-4000-8000-000000000001',
      feed: 'ProFeed',
      loaded_plugin_set: '202611200815',
      expiration: 4_102_444_800,
      capabilities: { multi_scanner: licence === 'manager', report_email_config: false },
      license: {
        type: licence,
        name: PRODUCT[licence],
        ips: maxTargets,
        features: { scan_api: licence === 'manager', report: true },
      },
    });
  });
  app.post('/session', async (c) => {
    const body = await parseBody(c.req.raw, LoginBody);
    return c.json({ token: state.login(body.username, body.password) });
  });
}

function authenticate(state: ScannerState): MiddlewareHandler {
  return async (c, next) => {
    const { accessKey, secretKey } = state.settings;
    const keys = /^accessKey=([^;]*);\s*secretKey=([^;]*);?$/.exec(c.req.header('x-apikeys') ?? '');
    if (keys && keys[1] === accessKey && keys[2] === secretKey) return await next();
    const token = /^token=(\w+)/.exec(c.req.header('x-cookie') ?? '')?.[1];
    if (token === undefined || !state.touchSession(token)) throw new Refusal(401, 'Invalid Credentials');
    if (c.req.method === 'DELETE' && c.req.path === '/session') {
      state.logout(token);
      return c.body(null, 200);
    }
    return await next();
  };
}

/** Licences without the scan API answer 412 to whatever changes a scan. */
function scanApi(state: ScannerState): MiddlewareHandler {
  return async (_c, next) => {
    if (state.settings.licence !== 'manager') throw new Refusal(412, 'API is not available');
    return await next();
  };
}

function addEditorRoutes(app: App, state: ScannerState): void {
  app.get('/session', (c) => c.json({ username: state.settings.username, type: 'local', permissions: 128 }));
  app.get('/editor/scan/templates', (c) => c.json({ templates: TEMPLATES }));
  app.get('/editor/scan/templates/:uuid', (c) => {
    const template = TEMPLATES.find((candidate) => candidate.uuid === c.req.param('uuid'));
    if (!template) throw new Refusal(404, 'The requested template was not found.');
    return c.json(template);
  });
  app.get('/editor/scan/:id', (c) => {
    const scan = state.scan(Number(c.req.param('id')));
    const input = (id: string, value: string): object => ({ type: 'entry', name: id, id, default: value });
    return c.json({
      title: 'Advanced Scan',
      name: 'advanced',
      settings: {
        basic: {
          inputs: [
            input('name', scan.name),
            input('description', scan.description),
            input('text_targets', scan.targetText),
          ],
        },
      },
    });
  });
}

function addScanRoutes(app: App, state: ScannerState): void {
  const guarded = scanApi(state);
  app.get('/scans', (c) => {
    const since = Number(c.req.query('last_modification_date') ?? 0);
    const scans = state.scans().filter((scan) => scan.modifiedAt / 1000 >= since);
    return c.json({
      folders: [{ id: 3, name: 'My Scans', type: 'main', custom: 0, default_tag: 1 }],
      scans: scans.length === 0 ? null : scans.map((scan) => listEntry(scan, state)),
      timestamp: Math.floor(state.now() / 1000),
    });
  });
  app.post('/scans', guarded, async (c) => {
    const body = await parseBody(c.req.raw, ScanBody);
    if (!TEMPLATES.some((template) => template.uuid === body.uuid))
      throw new Refusal(400, 'Invalid template uuid');
    const scan = state.createScan({
      name: body.settings.name,
      description: body.settings.description,
      targetText: body.settings.text_targets,
      folderId: body.settings.folder_id,
      ssh: body.credentials?.add?.Host?.SSH?.[0],
    });
    if (body.settings.launch_now) state.launch(scan.id);
    return c.json({
      scan: { id: scan.id, uuid: scan.uuid, name: scan.name, owner: state.settings.username, enabled: true },
    });
  });
  app.get('/scans/:id{[0-9]+}', (c) => c.json(scanDetails(state.scan(Number(c.req.param('id'))), state)));
  app.delete('/scans/:id{[0-9]+}', guarded, (c) => {
    state.delete(Number(c.req.param('id')));
    return c.body(null, 200);
  });
  app.post('/scans/:id{[0-9]+}/launch', guarded, (c) =>
    c.json({ scan_uuid: state.launch(Number(c.req.param('id'))).uuid }),
  );
  for (const verb of ['stop', 'pause', 'resume'] as const) {
    app.post(`/scans/:id{[0-9]+}/${verb}`, guarded, (c) => {
      state[verb](Number(c.req.param('id')));
      return c.body(null, 200);
    });
  }
  app.get('/scans/:id{[0-9]+}/hosts/:host{[0-9]+}', (c) => {
    const scan = state.scan(Number(c.req.param('id')));
    return c.json(hostDetails(scan, Number(c.req.param('host')), state));
  });
  app.get('/scans/:id{[0-9]+}/hosts/:host{[0-9]+}/plugins/:plugin{[0-9]+}', (c) => {
    const scan = state.scan(Number(c.req.param('id')));
    const { host, plugins, login } = findHost(scan, Number(c.req.param('host')), state);
    const plugin = plugins.find((candidate) => candidate.id === Number(c.req.param('plugin')));
    if (!plugin) throw new Refusal(404, 'The requested file was not found.');
    const context = {
      host,
      key: String(state.settings.seed),
      login,
      username: scan.ssh?.username ?? '',
      scanName: scan.name,
    };
    return c.json({
      info: {
        plugindescription: {
          pluginid: plugin.id,
          pluginname: plugin.name,
          pluginfamily: plugin.family,
          severity: plugin.severity,
          pluginattributes: {
            synopsis: plugin.synopsis,
            description: plugin.description,
            solution: plugin.solution,
          },
        },
      },
      outputs: [
        {
          plugin_output: plugin.output?.(context) ?? '',
          severity: plugin.severity,
          ports: { [`${plugin.port} / ${plugin.protocol} / ${plugin.service}`]: [{ hostname: host.name }] },
        },
      ],
    });
  });
}

function addExportRoutes(app: App, state: ScannerState): void {
  app.post('/scans/:id{[0-9]+}/export', async (c) => {
    const body = await parseBody(c.req.raw, v.looseObject({ format: v.string() }));
    if (body.format !== 'nessus')
      throw new Refusal(400, `The format ${body.format} is not simulated; nessus is`);
    return c.json(state.startExport(Number(c.req.param('id'))));
  });
  const download = (key: string): Response =>
    new Response(textStream(documentOf(state.exportedScan(key), state.world, state.now())), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment; filename="scan.nessus"',
      },
    });
  app.get('/tokens/:token/status', (c) => c.json({ status: state.exportStatus(c.req.param('token')) }));
  app.get('/tokens/:token/download', (c) => download(c.req.param('token')));
  app.get('/scans/:id{[0-9]+}/export/:file/status', (c) =>
    c.json({ status: state.exportStatus(`${c.req.param('id')}/${c.req.param('file')}`) }),
  );
  app.get('/scans/:id{[0-9]+}/export/:file/download', (c) =>
    download(`${c.req.param('id')}/${c.req.param('file')}`),
  );
}

function listEntry(scan: SimulatedScan, state: ScannerState): object {
  return {
    id: scan.id,
    uuid: scan.runs.at(-1)?.uuid ?? null,
    name: scan.name,
    status: state.status(scan),
    folder_id: scan.folderId,
    type: 'local',
    read: true,
    shared: false,
    owner: state.settings.username,
    user_permissions: 128,
    creation_date: Math.floor(scan.createdAt / 1000),
    last_modification_date: Math.floor(scan.modifiedAt / 1000),
  };
}

function scanDetails(scan: SimulatedScan, state: ScannerState): object {
  const run = scan.runs.at(-1);
  const hosts = [...hostsOf(scan, state.world, state.now())].map(({ hostId, host, percent }) => {
    const counts = countSeverities(percent >= 100 ? reportHost(scan, host, state.world).plugins : []);
    return {
      host_id: hostId,
      host_index: hostId - 1,
      hostname: host.name,
      progress: `${percent}-100/100-100`,
      scanprogresscurrent: percent,
      scanprogresstotal: 100,
      ...counts,
      severity: Object.values(counts).reduce((sum, count) => sum + count, 0),
      score:
        counts.critical * 10_000 + counts.high * 1000 + counts.medium * 100 + counts.low * 10 + counts.info,
    };
  });
  return {
    info: {
      name: scan.name,
      uuid: run?.uuid ?? null,
      object_id: scan.id,
      status: state.status(scan),
      targets: scan.targetText,
      policy: 'Advanced Scan',
      scanner_name: 'Local Scanner',
      hostcount: hosts.length,
      scan_start: run ? Math.floor(run.startedAt / 1000) : null,
      scan_end: null,
      folder_id: scan.folderId,
      hasaudittrail: false,
    },
    hosts,
    vulnerabilities: [],
    history: scan.runs.map((past) => ({
      history_id: past.historyId,
      uuid: past.uuid,
      status: past === run ? state.status(scan) : 'completed',
      creation_date: Math.floor(past.startedAt / 1000),
      last_modification_date: Math.floor(past.startedAt / 1000),
    })),
    filters: [],
    notes: null,
    remediations: null,
  };
}

function findHost(scan: SimulatedScan, hostId: number, state: ScannerState): ReturnType<typeof reportHost> {
  for (const entry of hostsOf(scan, state.world, state.now())) {
    if (entry.hostId === hostId) return reportHost(scan, entry.host, state.world);
  }
  throw new Refusal(404, 'The requested file was not found.');
}

function hostDetails(scan: SimulatedScan, hostId: number, state: ScannerState): object {
  const { host, plugins } = findHost(scan, hostId, state);
  return {
    info: {
      'host-ip': host.ip,
      'host-fqdn': host.fqdn,
      'operating-system': host.os,
      'mac-address': host.mac,
    },
    vulnerabilities: plugins.map((plugin, index) => ({
      host_id: hostId,
      hostname: host.name,
      plugin_id: plugin.id,
      plugin_name: plugin.name,
      plugin_family: plugin.family,
      severity: plugin.severity,
      count: 1,
      vuln_index: index + 1,
    })),
    compliance: [],
  };
}
