import { FAMILIES } from '../state/management.ts';
import { notFound } from '../state/refusal.ts';
import { type AddRoutes, idOf } from './app.ts';

/** /editor/policy/{id}: a policy as the editor shows it, with its plugins and ports. */
export const addPolicyEditorRoutes: AddRoutes = (app, state) => {
  const { policies } = state.management;
  const families = (id: number, only: (name: string) => boolean = () => true): Record<string, object> => {
    const chosen = policies.get(id).content.plugins as Record<string, { status?: string }> | undefined;
    return Object.fromEntries(
      FAMILIES.filter(({ name }) => only(name)).map((family) => [
        family.name,
        {
          id: family.id,
          count: family.plugins.length,
          status: chosen?.[family.name]?.status ?? 'enabled',
        },
      ]),
    );
  };
  app.get('/editor/policy/:id', (c) => {
    const id = idOf(c);
    const { name, description, template_uuid: uuid, content } = policies.get(id);
    const settings = content.settings as Record<string, unknown> | undefined;
    const input = (key: string, value: unknown): object => ({
      type: 'entry',
      name: key,
      id: key,
      default: value,
    });
    return c.json({
      uuid,
      title: 'Advanced Scan',
      name: 'advanced',
      settings: {
        basic: { inputs: [input('name', name), input('description', description)] },
        discovery: {
          groups: [
            {
              name: 'network_discovery',
              title: 'Port Scanning',
              sections: [{ inputs: [input('portscan_range', settings?.portscan_range ?? 'default')] }],
            },
          ],
        },
      },
      plugins: { families: families(id) },
      compliance: { data: [] },
    });
  });
  app.get('/editor/policy/:id/families', (c) => {
    const wanted = c.req.query('filter.0.value');
    const holds = (name: string): boolean =>
      FAMILIES.some(
        (family) => family.name === name && family.plugins.some(({ id }) => String(id) === wanted),
      );
    return c.json({ families: families(idOf(c), wanted === undefined ? undefined : holds) });
  });
  app.get('/editor/policy/:id/families/:family', (c) => {
    policies.get(idOf(c));
    const family = FAMILIES.find(({ id }) => id === idOf(c, 'family'));
    if (!family) throw notFound();
    return c.json({ plugins: family.plugins.map(({ id, name }) => ({ id, name, status: 'enabled' })) });
  });
};
