import { share } from './format.js';
import { known, t, word } from './i18n.js';

// sentence says in words what a change of the history did.
export function sentence(change, deployment) {
  const names = { v1: deployment.stable, v2: deployment.version, share: share(change.share), header: change.header, release: change.release, actor: word('actor', change.actor) };
  const key = change.kind === 'share' && change.header ? 'change.header' : `change.${change.kind}`;
  const what = known(key) ? t(key, names) : change.kind;
  const by = t('change.by', names);
  return change.reason ? `${what} · ${by} · ${cause(change)}` : `${what} · ${by}`;
}

// cause is the reason that was given; what a breaker gives is a word of Weir's.
function cause(change) {
  return change.kind === 'breaker' ? word('breaker.cause', change.reason) : change.reason;
}
