import type { Clock } from '@nmcp/types';
import { Collection } from './collection.ts';
import { Refusal } from './refusal.ts';

/** A user of the scanner. */
export interface UserAccount {
  id: number;
  username: string;
  password: string;
  name: string;
  email: string;
  type: string;
  permissions: number;
  lastlogin: number;
  keys?: { accessKey: string; secretKey: string };
}

/** A system administrator. */
const ALL_PERMISSIONS = 128;

/** Users, their sessions and their API keys. */
export class Accounts {
  readonly users: Collection<UserAccount>;
  readonly #clock: Clock;
  readonly #sessionIdleMs: number;
  readonly #sessions = new Map<string, { userId: number; seenAt: number }>();
  #logins = 0;

  constructor(
    first: Pick<UserAccount, 'username' | 'password' | 'keys'>,
    sessionIdleMs: number,
    clock: Clock,
  ) {
    const admin = { id: 2, name: 'Administrator', email: '', type: 'local', lastlogin: 0 };
    this.users = new Collection<UserAccount>([{ ...admin, ...first, permissions: ALL_PERMISSIONS }], 3);
    this.#sessionIdleMs = sessionIdleMs;
    this.#clock = clock;
  }

  /** How often somebody logged in. */
  get logins(): number {
    return this.#logins;
  }

  /** @throws {Refusal} 401 */
  login(username: string, password: string): string {
    const user = this.users.list().find((each) => each.username === username && each.password === password);
    if (!user) throw new Refusal(401, 'Invalid Credentials');
    this.#logins++;
    const token = crypto.randomUUID().replaceAll('-', '');
    this.#sessions.set(token, { userId: user.id, seenAt: this.#clock() });
    this.users.change(user.id, { lastlogin: Math.floor(this.#clock() / 1000) });
    return token;
  }

  /** The user of a session that has not idled out. */
  userOfSession(token: string): UserAccount | undefined {
    const session = this.#sessions.get(token);
    if (!session) return undefined;
    if (this.#clock() - session.seenAt > this.#sessionIdleMs) {
      this.#sessions.delete(token);
      return undefined;
    }
    session.seenAt = this.#clock();
    return this.users.list().find((user) => user.id === session.userId);
  }

  /** The user of a pair of API keys. */
  userOfKeys(accessKey: string, secretKey: string): UserAccount | undefined {
    return this.users
      .list()
      .find(({ keys }) => keys?.accessKey === accessKey && keys.secretKey === secretKey);
  }

  logout(token: string): void {
    this.#sessions.delete(token);
  }

  expireSessions(): void {
    this.#sessions.clear();
  }

  /** New keys; the earlier ones no longer work. */
  renewKeys(userId: number): { accessKey: string; secretKey: string } {
    const hex = (): string => (crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '');
    const keys = { accessKey: hex(), secretKey: hex() };
    this.users.change(userId, { keys });
    return keys;
  }
}
