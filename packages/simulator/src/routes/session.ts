import * as v from 'valibot';
import { parseBody } from '../parse_body.ts';
import { Refusal } from '../state/refusal.ts';
import { type AddRoutes, done } from './app.ts';

const EditBody = v.object({ name: v.optional(v.string()), email: v.optional(v.string()) });
const PasswordBody = v.object({ password: v.string(), current_password: v.string() });

/** /session */
export const addSessionRoutes: AddRoutes = (app, state) => {
  const { accounts } = state;
  app.get('/session', (c) => {
    const { password: _, keys: __, ...user } = c.get('user');
    return c.json(user);
  });
  app.put('/session', async (c) => {
    const { id, name, email } = c.get('user');
    const body = await parseBody(c.req.raw, EditBody);
    accounts.users.change(id, { name: body.name ?? name, email: body.email ?? email });
    return done();
  });
  app.delete('/session', (c) => {
    const token = /^token=(\w+)/.exec(c.req.header('x-cookie') ?? '')?.[1];
    if (token !== undefined) accounts.logout(token);
    return done();
  });
  app.put('/session/chpasswd', async (c) => {
    const body = await parseBody(c.req.raw, PasswordBody);
    const user = c.get('user');
    if (body.current_password !== user.password) throw new Refusal(400, 'Invalid password');
    accounts.users.change(user.id, { password: body.password });
    return done();
  });
  app.put('/session/keys', (c) => c.json(accounts.renewKeys(c.get('user').id)));
};
