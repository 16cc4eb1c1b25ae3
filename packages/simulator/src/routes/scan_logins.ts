import * as v from 'valibot';
import type { ScanLogin, ScanLogins } from '../scan.ts';

const text = v.optional(v.string());

interface LoginBody {
  username: string;
  password?: string | undefined;
  private_key?: string | undefined;
  hash?: string | undefined;
  auth_password?: string | undefined;
  elevate_privileges_with?: string | undefined;
}

const LoginSchema: v.GenericSchema<unknown, LoginBody> = v.looseObject({
  username: v.string(),
  password: text,
  private_key: text,
  hash: text,
  auth_password: text,
  elevate_privileges_with: text,
});

/** Logins as POST /scans brings them, by the names of Nessus's editor. */
interface CredentialsBody {
  add?:
    | {
        Host?: Record<string, LoginBody[] | undefined> | undefined;
      }
    | undefined;
}

/** Schema of `credentials` in POST /scans. */
export const CredentialsSchema: v.GenericSchema<unknown, CredentialsBody> = v.looseObject({
  add: v.optional(
    v.looseObject({
      Host: v.optional(v.record(v.string(), v.optional(v.array(LoginSchema)))),
    }),
  ),
});

/** The first login of each protocol. A key or a hash opens what a password does. */
export function loginsOf(body: CredentialsBody | undefined): ScanLogins {
  const host = body?.add?.Host ?? {};
  const first = (kind: string): ScanLogin | undefined => {
    const login = host[kind]?.[0];
    if (!login) return undefined;
    const { username, password, private_key, hash, auth_password, elevate_privileges_with } = login;
    const secret = password ?? private_key ?? hash ?? auth_password ?? '';
    return { username, password: secret, elevate_privileges_with };
  };
  const logins = { ssh: first('SSH'), smb: first('Windows'), snmp: first('SNMPv3') };
  return Object.fromEntries(Object.entries(logins).filter(([, login]) => login !== undefined));
}
