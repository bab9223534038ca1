// What stands beside the traffic: breaker, collector, jobs, webhooks.

import { fill, h } from './dom.js';
import { ago, bytes, clock, count, share, span } from './format.js';
import { t, word } from './i18n.js';

export function beside() {
  const list = h('dl', {});
  const element = h('section', { class: 'beside', 'aria-labelledby': 'beside-title' }, h('h2', { id: 'beside-title' }, t('beside.title')), list);
  let shown = '';
  return {
    element,
    update(state) {
      const found = lines(state);
      const now = JSON.stringify(found);
      if (now === shown) return;
      shown = now;
      fill(list, found.map(([name, ...texts]) => h('div', {}, h('dt', {}, name), texts.filter(Boolean).map((x) => h('dd', {}, x)))));
    },
  };
}

// job says when one runs, and how it went the last time.
function job(j) {
  const parts = [`${word('job', j.name)} ${j.schedule || t('job.never')}`];
  if (j.state === 'unattended') parts.push(t('job.unattended'));
  if (j.state === 'running') parts.push(t('job.running'));
  if (j.last?.ended_at) parts.push(t(j.last.outcome === 'ok' ? 'job.went' : j.last.outcome === 'failed' ? 'job.failed' : 'job.stopped', { ago: ago(j.last.ended_at) }));
  return parts.join(' · ');
}

// hook says whom one tells, and whether that takes it.
function hook(w) {
  const parts = [`${w.host}: ${w.on.map((x) => word('hook', x)).join(', ')}`];
  if (w.state === 'gone') parts.push(t('hook.gone'));
  if (w.failures > 0) parts.push(t('hook.failing', { n: w.failures }));
  if (w.pending > 0) parts.push(t('hook.pending', { n: count(w.pending) }));
  else if (w.delivered_at) parts.push(t('hook.told', { ago: ago(w.delivered_at) }));
  return parts.join(' · ');
}

function lines({ deployment: d, plan, figures: f, autopilot, jobs, webhooks }) {
  const out = [];
  if (plan && d) {
    const b = plan.breaker;
    out.push([t('breaker'), d.breaker ? t('breaker.open', { v2: d.version, cause: word('breaker.cause', d.breaker), time: clock(d.since) }) : t('breaker.closed'),
      t('breaker.rule', { rate: share(b.error_rate), n: b.consecutive, window: span(b.window_seconds), failures: b.consecutive_failures })]);
  }
  if (f) {
    const c = f.collector;
    out.push([t('collector'),
      c.healthy ? t('collector.healthy') : `${t('collector.sick')} ${c.problem ?? ''}`,
      c.published_at ? t('collector.published', { ago: ago(c.published_at), rows: count(c.rows) }) : t('collector.unpublished'),
      c.waiting_bytes > 0 ? t('collector.waiting', { bytes: bytes(c.waiting_bytes) }) : '',
      c.lost.length > 0 ? t('collector.lost', { list: c.lost.map((x) => `${x.version || '?'} ${count(x.rows)} (${x.reason})`).join(', ') }) : t('collector.none')]);
    out.push([t('underway'), f.versions.map((v) => `${v.name} ${count(v.in_flight)}`).join(' · ')]);
  }
  if (plan) {
    const planned = Object.entries(plan.jobs).filter(([name, when]) => name !== 'timezone' && when).map(([name, schedule]) => ({ name, schedule }));
    out.push([t('jobs'), ...(jobs?.length > 0 ? jobs : planned).map(job), planned.length === 0 && !jobs?.length ? t('job.never') : '']);
    if (autopilot) out.push([t('autopilot'), autopilot.steered ? t('autopilot.holds', { holder: autopilot.holder }) : t('autopilot.nobody'), autopilot.next_look ? t('autopilot.next', { time: clock(autopilot.next_look) }) : '']);
    out.push([t('webhooks'), ...(plan.webhooks.length > 0 ? (webhooks ?? plan.webhooks).map(hook) : [t('webhooks.none')])]);
    if (plan.holdout > 0) out.push([t('holdout'), t('holdout.share', { share: share(plan.holdout) })]);
  }
  return out;
}
