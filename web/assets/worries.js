// Three seconds: is there anything to worry about?

import { fill, h, mark } from './dom.js';
import { bytes, clock, count, percent, share, span } from './format.js';
import { t, word } from './i18n.js';

// oldLook is the age from which on a look is called old, in milliseconds.
const oldLook = 24 * 3600 * 1000;

// failing is from how many failures in a row on a receiver is said to fail.
const failing = 5;

export function worries() {
  const list = h('ul', {});
  const element = h('section', { class: 'worries', 'aria-label': t('worries') }, list);
  let shown = '';
  return {
    element,
    update(state) {
      const found = worry(state);
      const now = JSON.stringify(found);
      if (now === shown) return;
      shown = now;
      element.dataset.state = found[0].state;
      fill(list, found.map((w) => h('li', { class: w.state }, mark(w.state), h('span', {}, h('b', {}, w.what), w.more && ` ${w.more}`))));
    },
  };
}

// worry lists what an operator should know, the worst first; when nothing is
// urgent, that comes before what is to be done some time.
export function worry(state) {
  const { deployment: d, figures: f, plan, effects } = state;
  if (state.lost) return [{ state: 'unknown', what: t('worry.lost', { time: clock(state.lost, true) }), more: t('worry.lost.more') }];
  if (!d || !f) return [{ state: 'unknown', what: t('worry.opening'), more: '' }];
  const out = [];
  const add = (severity, key, names = {}) => out.push({ state: severity, what: t(`worry.${key}`, names), more: t(`worry.${key}.more`, names) });
  const names = { v1: d.stable, v2: d.version, time: clock(d.since), actor: word('actor', d.changed.actor), share: share(d.share) };
  if (d.breaker) add('worse', 'breaker', { ...names, cause: word('breaker.cause', d.breaker) });
  if (d.state === 'halted') add('worse', 'halted', names);
  const over = d.state === 'rolled_back';
  for (const v of f.versions) {
    if (v.up === false) add('worse', 'down', { version: v.name });
    const rule = plan?.breaker;
    if (rule && v.ended >= rule.min_requests && v.error_share >= rule.error_rate) {
      add('worse', v.name === d.version && !over ? 'errors' : 'errors.stable', { version: v.name, share: percent(v.error_share), rate: share(rule.error_rate) });
    }
    if (v.name !== d.version && v.breaker_open) add('worse', 'breaker.stable', { version: v.name });
  }
  if (effects?.verdict === 'rollback' && !over) add('worse', 'harm', names);
  if (effects?.verdict === 'invalid' && !over) add('unknown', 'invalid', names);
  const c = f.collector;
  if (!c.healthy) add('worse', 'collector', { problem: c.problem ?? '', waiting: bytes(c.waiting_bytes) });
  const lost = c.lost.reduce((sum, x) => sum + x.rows, 0);
  if (lost > 0) add('worse', 'rows', { n: count(lost) });
  for (const j of state.jobs ?? []) if (j.failures > 0) add('open', 'job', { job: word('job', j.name), n: j.failures });
  for (const w of state.webhooks ?? []) if (w.failures >= failing || w.state === 'gone') add('open', 'hook', { host: w.host, n: w.failures, pending: count(w.pending) });
  const looks = state.autopilot?.failure;
  if (looks && !(state.jobs ?? []).some((j) => j.name === 'analyze' && j.failures > 0)) add('open', 'look', { n: looks.in_a_row, time: clock(looks.at) });
  if (effects?.at && !over && d.state !== 'promoted' && Date.now() - new Date(effects.at) > oldLook) add('open', 'old', { time: clock(effects.at) });
  if (!f.seen) add('unknown', 'nothing', { time: clock(f.since), span: span((Date.now() - new Date(f.since)) / 1000) });
  if (over) out.push({ state: 'open', what: t('worry.rolled_back', names), more: t('worry.rolled_back.more', names) });
  if (!over && !out.some((w) => w.state === 'worse' || w.state === 'unknown')) {
    const [v1, v2] = f.versions;
    out.push({ state: 'good', what: t(out.length === 0 ? 'worry.none' : 'worry.calm'), more: v2.ended > 0 || v1.ended > 0 ? t('worry.none.more', { ...names, e1: percent(v1.error_share), e2: percent(v2.error_share) }) : '' });
  }
  const order = { worse: 0, unknown: 1, good: 2, open: 3 };
  return out.sort((a, b) => order[a.state] - order[b.state]);
}
