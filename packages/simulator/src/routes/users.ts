import * as v from 'valibot';
import { anyNumber, anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import type { UserAccount } from '../state/accounts.ts';
import type { Group } from '../state/management.ts';
import { notFound, Refusal } from '../state/refusal.ts';
import { type AddRoutes, done, idOf } from './app.ts';
import { IdsBody, NameBody } from './ids_body.ts';

const UserBody = v.looseObject({
  username: v.pipe(anyText, v.minLength(1)),
  password: v.pipe(anyText, v.minLength(1)),
  permissions: anyNumber,
  type: v.optional(v.string(), 'local'),
  name: v.optional(v.string(), ''),
  email: v.optional(v.string(), ''),
});
const ChangeBody = v.looseObject({
  permissions: anyNumber,
  name: v.optional(v.string()),
  email: v.optional(v.string()),
});
const PasswordBody = v.looseObject({ password: v.pipe(anyText, v.minLength(1)) });
const AclBody = v.looseObject({
  acls: v.array(v.looseObject({ type: v.string(), permissions: anyNumber })),
});

const row = ({ password: _, keys: __, ...user }: UserAccount): object => user;

/** /users, /groups and /permissions */
export const addUserRoutes: AddRoutes = (app, { accounts, management }) => {
  const { users } = accounts;
  app.get('/users', (c) => c.json({ users: users.list().map(row) }));
  app.post('/users', async (c) => {
    const { username, password, permissions, type, name, email } = await parseBody(c.req.raw, UserBody);
    if (users.list().some((user) => user.username === username))
      throw new Refusal(409, 'A user with this name exists already');
    const content = { username, password, permissions, type, name, email, lastlogin: 0 };
    return c.json(row(users.add((id) => ({ ...content, id }))));
  });
  app.delete('/users', async (c) => {
    users.removeMany((await parseBody(c.req.raw, IdsBody)).ids);
    return done();
  });
  app.get('/users/:id', (c) => c.json(row(users.get(idOf(c)))));
  app.put('/users/:id', async (c) => {
    const { permissions, name, email } = await parseBody(c.req.raw, ChangeBody);
    const before = users.get(idOf(c));
    users.change(before.id, { permissions, name: name ?? before.name, email: email ?? before.email });
    return done();
  });
  app.delete('/users/:id', (c) => {
    users.remove(idOf(c));
    return done();
  });
  app.put('/users/:id/chpasswd', async (c) => {
    const { password } = await parseBody(c.req.raw, PasswordBody);
    users.change(idOf(c), { password });
    return done();
  });
  app.put('/users/:id/keys', (c) => c.json(accounts.renewKeys(users.get(idOf(c)).id)));

  const { userGroups: groups, permissions } = management;
  const groupRow = ({ id, name, members }: Group): object => ({ id, name, user_count: members.size });
  app.get('/groups', (c) => {
    const all = groups.list();
    return c.json({ groups: all.length === 0 ? null : all.map(groupRow) });
  });
  app.post('/groups', async (c) => {
    const { name } = await parseBody(c.req.raw, NameBody);
    return c.json(groupRow(groups.add((id) => ({ id, name, members: new Set() }))));
  });
  app.delete('/groups', async (c) => {
    groups.removeMany((await parseBody(c.req.raw, IdsBody)).ids);
    return done();
  });
  app.put('/groups/:id', async (c) => {
    groups.change(idOf(c), await parseBody(c.req.raw, NameBody));
    return done();
  });
  app.delete('/groups/:id', (c) => {
    groups.remove(idOf(c));
    return done();
  });
  app.get('/groups/:id/users', (c) => {
    const members = [...groups.get(idOf(c)).members];
    return c.json({ users: members.map((id) => row(users.get(id))) });
  });
  app.post('/groups/:id/users/:user', (c) => {
    groups.get(idOf(c)).members.add(users.get(idOf(c, 'user')).id);
    return done();
  });
  app.delete('/groups/:id/users/:user', (c) => {
    if (!groups.get(idOf(c)).members.delete(idOf(c, 'user'))) throw notFound();
    return done();
  });

  app.get('/permissions/:type/:id', (c) =>
    c.json(permissions.get(`${c.req.param('type')}/${idOf(c)}`) ?? [{ type: 'default', permissions: 16 }]),
  );
  app.put('/permissions/:type/:id', async (c) => {
    const { acls } = await parseBody(c.req.raw, AclBody);
    permissions.set(`${c.req.param('type')}/${idOf(c)}`, acls);
    return done();
  });
};
