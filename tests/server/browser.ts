/** A browser as far as the back office's pages go: one cookie, forms with the page's own token, an origin. */
export function testBrowser(url: () => string) {
  let cookie = '';
  let page = '';
  const browser = {
    page: () => page,
    cookie: () => cookie,
    setCookie: (value: string) => (cookie = value),
    async get(path: string, headers: Record<string, string> = {}) {
      return take(await fetch(url() + path, { redirect: 'manual', headers: { cookie, ...headers } }));
    },
    /** Sends a form as the page shown would, following the redirect. */
    async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
      const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1];
      const answer = await take(
        await fetch(url() + path, {
          method: 'POST',
          redirect: 'manual',
          headers: {
            cookie,
            origin: url(),
            'sec-fetch-site': 'same-origin',
            'content-type': 'application/x-www-form-urlencoded',
            ...headers,
          },
          body: new URLSearchParams({ ...(csrf === undefined ? {} : { csrf }), ...fields }).toString(),
        }),
      );
      return answer.status === 303 ? browser.get(answer.headers.get('location') ?? '') : answer;
    },
    signIn: (hall: string, id: string, secret: string) =>
      browser.post('/office/sign-in', { hall, id, secret }),
  };
  async function take(answer: Response) {
    const text = await answer.text();
    const set = answer.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0] ?? '';
    if (answer.status !== 303) page = text;
    return { status: answer.status, headers: answer.headers, text };
  }
  return browser;
}
