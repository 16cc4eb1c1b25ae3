import { type Asked, QUESTIONS } from '../questions/questions.ts';

/** After so many rounds what is asked most has been compiled. */
const ROUNDS = 3;

/**
 * Asks what is asked most of a new view, so that the first who asks does not wait for the making of what is kept with it, nor, in a
 * new thread, for the compiler: of 25,000 assets that takes three times as long as the answer.
 */
export async function practise(asked: Asked, isNewThread: boolean): Promise<void> {
  const [asset] = asked.view.assets;
  if (!asset) return;
  const host = String(asset.facts.host_ip ?? asset.name);
  const severity = '>=high';
  for (let round = 0; round < (isNewThread ? ROUNDS : 1); round++) {
    await QUESTIONS.findings(asked, { filters: { severity, host } });
    await QUESTIONS.findings(asked, { filters: { cve: 'CVE-1999-0001' }, page_size: 1 });
    await QUESTIONS.assets(asked, { network: host });
  }
}
