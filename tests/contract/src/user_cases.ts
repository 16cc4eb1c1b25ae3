import {
  addUserToGroup,
  changePassword,
  createApiKeys,
  createGroup,
  createUser,
  createUserApiKeys,
  deleteGroup,
  deleteGroups,
  deleteUser,
  deleteUsers,
  endSession,
  getSession,
  getUser,
  listFolders,
  listGroups,
  listGroupUsers,
  listUsers,
  removeUserFromGroup,
  renameGroup,
  setUserPassword,
  updateSession,
  updateUser,
} from '@nmcp/nessus-client';
import { assert, assertEqual, refusal } from './assert.ts';
import type { ContractCase } from './contract_case.ts';

/** Users, groups and what a user does with the own account. */
export const userCases: readonly ContractCase[] = [
  {
    name: 'a user logs in, changes the own password and keys, and logs out',
    async run({ client, connect }) {
      const user = await createUser(client, { username: 'contract', password: 'one', permissions: 32 });
      const own = connect({ username: 'contract', password: 'one' });
      await updateSession(own, { name: 'Contract', email: 'contract@example.test' });
      assertEqual((await getSession(own)).name, 'Contract', 'name');
      await changePassword(own, { current: 'one', next: 'two' });
      const keys = await createApiKeys(own);
      assertEqual((await getSession(connect(keys))).username, 'contract', 'user of the keys');
      await endSession(own);
      const old = connect({ username: 'contract', password: 'one' });
      assertEqual((await refusal(() => listFolders(old))).code, 'scanner_auth', 'the old password');
      await setUserPassword(client, user.id, 'three');
      assert((await listFolders(connect({ username: 'contract', password: 'three' }))).length > 0, 'folders');
      const others = await createUserApiKeys(client, user.id);
      assert(others.accessKey !== keys.accessKey, 'other keys');
      assertEqual((await refusal(() => listFolders(connect(keys)))).code, 'scanner_auth', 'the old keys');
      await deleteUser(client, user.id);
    },
  },
  {
    name: 'users are changed, grouped and removed',
    async run({ client }) {
      const a = await createUser(client, { username: 'a', password: 'x', permissions: 16 });
      const b = await createUser(client, { username: 'b', password: 'x', permissions: 16, name: 'B' });
      await updateUser(client, a.id, { permissions: 32, name: 'A' });
      assertEqual((await getUser(client, a.id)).permissions, 32, 'permissions');
      const again = await refusal(() =>
        createUser(client, { username: 'a', password: 'x', permissions: 16 }),
      );
      assertEqual(again.httpStatus, 409, 'a second user of one name');
      const group = await createGroup(client, 'contract');
      await renameGroup(client, group.id, 'renamed');
      assertEqual((await listGroups(client)).find(({ id }) => id === group.id)?.name, 'renamed', 'name');
      await addUserToGroup(client, group.id, a.id);
      await addUserToGroup(client, group.id, b.id);
      await removeUserFromGroup(client, group.id, b.id);
      assertEqual(
        (await listGroupUsers(client, group.id)).map(({ id }) => id),
        [a.id],
        'members',
      );
      await deleteGroup(client, group.id);
      await deleteGroups(client, [(await createGroup(client, 'other')).id]);
      await deleteUsers(client, [a.id, b.id]);
      assertEqual(
        (await listUsers(client)).some(({ username }) => username === 'a'),
        false,
        'user',
      );
    },
  },
];
