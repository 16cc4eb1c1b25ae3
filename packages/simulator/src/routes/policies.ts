import * as v from 'valibot';
import { anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import type { Policy } from '../state/management.ts';
import { Refusal } from '../state/refusal.ts';
import { type AddRoutes, done, idOf } from './app.ts';
import { IdsBody } from './ids_body.ts';

const SettingsBody = v.looseObject({ name: v.optional(anyText), description: v.optional(anyText) });
const PolicyBody = v.looseObject({
  uuid: v.string(),
  settings: v.looseObject({
    name: v.pipe(anyText, v.minLength(1)),
    description: v.optional(anyText, ''),
  }),
});
/** A change brings what is to be changed, and the template or not. */
const ChangeBody = v.looseObject({
  uuid: v.optional(v.string()),
  settings: v.optional(SettingsBody, {}),
});
const ImportBody = v.looseObject({ file: v.string() });

/** /policies */
export const addPolicyRoutes: AddRoutes = (app, state) => {
  const { policies } = state.management;

  function fieldsOf(body: v.InferOutput<typeof PolicyBody>, owner: string): Omit<Policy, 'id'> {
    requireTemplate(body.uuid);
    const { name, description } = body.settings;
    const now = Math.floor(state.now() / 1000);
    return {
      name,
      description,
      template_uuid: body.uuid,
      owner,
      visibility: 'private',
      creation_date: now,
      last_modification_date: now,
      content: body,
    };
  }
  function requireTemplate(uuid: string): void {
    if (!state.templates.some((template) => template.uuid === uuid))
      throw new Refusal(400, 'Invalid template uuid');
  }
  const row = ({ content: _, ...policy }: Policy): object => ({ ...policy, user_permissions: 128 });

  app.get('/policies', (c) => {
    const all = policies.list();
    return c.json({ policies: all.length === 0 ? null : all.map(row) });
  });
  app.post('/policies', async (c) => {
    const fields = fieldsOf(await parseBody(c.req.raw, PolicyBody), c.get('user').username);
    const { id, name } = policies.add((newId) => ({ ...fields, id: newId }));
    return c.json({ policy_id: id, policy_name: name });
  });
  const isInUse = (id: number): boolean => state.scans.list().some(({ policy }) => policy?.id === id);
  app.delete('/policies', async (c) => {
    const { ids } = await parseBody(c.req.raw, IdsBody);
    return c.json({ deleted: policies.removeMany(ids.filter((id) => !isInUse(id))) });
  });
  app.post('/policies/import', async (c) => {
    const { file } = await parseBody(c.req.raw, ImportBody);
    const xml = new TextDecoder().decode(state.uploads.get(file));
    const name = /<policyName>([^<]+)<\/policyName>/.exec(xml)?.[1];
    if (name === undefined) throw new Refusal(400, 'The file holds no policy');
    const body = { uuid: state.templates[0]?.uuid ?? '', settings: { name, description: '' } };
    const fields = fieldsOf(body, c.get('user').username);
    return c.json(row(policies.add((id) => ({ ...fields, id }))));
  });
  app.get('/policies/:id', (c) => c.json(policies.get(idOf(c)).content));
  app.put('/policies/:id', async (c) => {
    const body = await parseBody(c.req.raw, ChangeBody);
    const before = policies.get(idOf(c));
    const { uuid = before.template_uuid, settings } = body;
    if (uuid !== before.template_uuid) requireTemplate(uuid);
    policies.change(before.id, {
      name: settings.name ?? before.name,
      description: settings.description ?? before.description,
      template_uuid: uuid,
      last_modification_date: Math.floor(state.now() / 1000),
      content: {
        ...before.content,
        ...body,
        uuid,
        settings: { ...(before.content.settings as object | undefined), ...settings },
      },
    });
    return done();
  });
  app.delete('/policies/:id', (c) => {
    if (isInUse(idOf(c))) throw new Refusal(405, 'Policy is in use by a scan');
    policies.remove(idOf(c));
    return done();
  });
  app.post('/policies/:id/copy', (c) => {
    const source = policies.get(idOf(c));
    return c.json(row(policies.add((id) => ({ ...source, id, name: `Copy of ${source.name}` }))));
  });
  app.get('/policies/:id/export/prepare', (c) => c.json(state.startPolicyExport(idOf(c))));
};
