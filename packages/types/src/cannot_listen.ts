import { messageOf, NmcpError } from './error.ts';

/** The error of a server that cannot listen where it was told to. */
export function cannotListen(cause: unknown, { host, port }: { host: string; port: number }): NmcpError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'EADDRINUSE'
      ? `another program listens there (${code}); end it, or choose another port`
      : code === 'EACCES'
        ? 'this user may not; choose a port above 1023'
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? 'this machine has no such address'
          : messageOf(cause);
  return new NmcpError('invalid_config', `Cannot listen on ${host}:${port}: ${why}`, { cause });
}
