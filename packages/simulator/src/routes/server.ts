import type { Licence } from '../state/scanner_settings.ts';
import { type AddRoutes, done } from './app.ts';

const VERSION = '10.8.3';

const PRODUCT: Readonly<Record<Licence, string>> = {
  manager: 'Nessus Manager',
  professional: 'Nessus Professional',
  expert: 'Nessus Expert',
  essentials: 'Nessus Essentials',
};

/** /server */
export const addServerRoutes: AddRoutes = (app, state) => {
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
  app.get('/server/restart', () => {
    state.accounts.expireSessions();
    return done();
  });
};
