/** Logs in to the dashboard with a token; the header that a browser sends from then on. */
export async function pageCookie(url: string, token: string): Promise<{ cookie: string }> {
  const { headers } = await fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ token, to: '/' }),
  });
  return { cookie: headers.get('set-cookie')?.split(';')[0] ?? '' };
}
