/** API keys of a Nessus user: Settings > My Account > API Keys. */
export interface ApiKeys {
  accessKey: string;
  secretKey: string;
}

/** A Nessus user's name and password; the client logs in for a session. */
export interface UserLogin {
  username: string;
  password: string;
}

/** How a client shows who it is. */
export type NessusAuth = ApiKeys | UserLogin;

/** Makes the headers that go with each call. */
export interface Authenticator {
  /** Headers for a call; logs in first when that is needed. */
  headers(): Promise<Record<string, string>>;
  /**
   * Called after a 401 for the headers that were sent. Whether another try makes sense: with a session once, since
   * sessions idle out (30 minutes by default); with keys never.
   */
  renew(sent: Record<string, string>): boolean;
  /** The session's token, if there is one. */
  readonly token: string | undefined;
}

/** Sends API keys (`X-ApiKeys`) or keeps one session (`X-Cookie`), which concurrent callers share. */
export function createAuthenticator(
  auth: NessusAuth,
  login: (user: UserLogin) => Promise<string>,
): Authenticator {
  if ('accessKey' in auth) {
    const keys = { 'x-apikeys': `accessKey=${auth.accessKey}; secretKey=${auth.secretKey};` };
    return { headers: async () => keys, renew: () => false, token: undefined };
  }
  let session: Promise<string> | undefined;
  let token: string | undefined;
  const startSession = async (): Promise<string> => {
    try {
      token = await login(auth);
      return token;
    } catch (error) {
      session = undefined; // the next call tries again
      throw error;
    }
  };
  return {
    async headers() {
      session ??= startSession();
      return { 'x-cookie': `token=${await session}` };
    },
    renew(sent) {
      if (sent['x-cookie'] === `token=${token}`) {
        session = undefined;
        token = undefined;
      }
      return true;
    },
    get token() {
      return token;
    },
  };
}
