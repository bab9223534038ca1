// The figures that decide, by version: live ones of the last five minutes, and
// mature ones of the latest look.

import { fill, h, mark, text } from './dom.js';
import { ago, clock, count, dash, decimal, decimalsFor, duration, percent, share, significant, span } from './format.js';
import { spark } from './spark.js';
import { t, word } from './i18n.js';

const live = [
  { key: 'rate', series: 'rate', write: (x) => significant(x), unit: 'unit.rate' },
  { key: 'first_token_p95_ms', series: 'first_token_p95_ms', write: duration },
  { key: 'latency_p95_ms', series: 'latency_p95_ms', write: duration },
  { key: 'error_share', series: 'error_share', write: (x) => percent(x) },
  { key: 'tokens_per_session', write: (x) => count(x === null ? null : Math.round(x)) },
];

export function figures() {
  const heads = [h('th', { scope: 'col', class: 'v1 number' }), h('th', { scope: 'col', class: 'v2 number' })];
  const rows = live.map((f) => {
    const cells = [h('td', { class: 'number' }), h('td', { class: 'number' })];
    const line = f.series ? spark(t(`figure.${f.key}`), f.write) : null;
    const note = h('small', {});
    return { ...f, cells, line, note, element: h('tr', { id: `figure-${f.key}` }, h('th', { scope: 'row' }, t(`figure.${f.key}`), note), cells, h('td', { class: 'spark' }, line?.element)) };
  });
  const age = h('small', {});
  const mature = h('tbody', { class: 'mature' });
  const since = h('small', {});
  const element = h('section', { class: 'figures', 'aria-labelledby': 'figures-title' },
    h('h2', { id: 'figures-title' }, t('figures.title'), ' ', since),
    h('div', { class: 'scroll' }, h('table', {},
      h('thead', {}, h('tr', {}, h('td', {}), heads, h('th', { scope: 'col', class: 'spark' }, t('figures.series')))),
      h('tbody', {}, rows.map((r) => r.element)),
      h('tbody', {}, h('tr', { class: 'part' }, h('th', { scope: 'rowgroup', colspan: '4' }, t('figures.mature'), ' ', age))),
      mature)));
  let look;
  return {
    element,
    update(state) {
      const { figures: f, series, deployment: d, plan, effects } = state;
      if (!f) return;
      const short = (Date.now() - new Date(f.since)) / 1000;
      text(since, short < f.window_seconds ? t('figures.since', { span: span(short), time: clock(f.since, true) }) : t('figures.window', { span: span(f.window_seconds) }));
      f.versions.forEach((v, i) => text(heads[i], v.name));
      for (const r of rows) {
        f.versions.forEach((v, i) => value(r.cells[i], f.seen ? v[r.key] : null, r, f.seen));
        r.line?.update(series, f.versions.map((v) => v.name), r.series);
      }
      const rule = plan?.breaker;
      if (rule && d) {
        const v2 = f.versions.find((v) => v.name === d.version);
        const cell = rows[3].cells[f.versions.indexOf(v2)];
        const bad = v2.ended >= rule.min_requests && v2.error_share >= rule.error_rate;
        cell.classList.toggle('worse', bad);
        if (bad) fill(cell, mark('worse'), ` ${percent(v2.error_share)}`);
        text(rows[3].note, t(d.breaker ? 'breaker.short.open' : 'breaker.short', { rate: share(rule.error_rate), span: span(rule.window_seconds * rule.consecutive) }));
      }
      if (effects !== look) {
        look = effects;
        fill(mature, matures(effects, plan));
      }
      text(age, effects?.at ? t('figures.look', { time: clock(effects.at), ago: ago(effects.at) }) : '');
    },
  };
}

function value(cell, x, figure, seen) {
  const none = x === null || x === undefined;
  cell.classList.toggle('unknown', none);
  text(cell, none ? (seen ? dash : t('nodata')) : figure.write(x) + (figure.unit ? ` ${t(figure.unit)}` : ''));
}

// matures are the figures that nobody knows in five minutes.
function matures(effects, plan) {
  if (!effects) return [];
  const wanted = (plan?.metrics ?? []).filter((m) => ['resolved', 'handoff', 'satisfaction'].includes(m.value) || m.judge);
  const found = wanted.length > 0 ? wanted.map((m) => m.name) : ['resolution', 'handoff', 'satisfaction'];
  return found.map((name) => {
    const m = effects.metrics.find((x) => x.name === name);
    const half = m ? Math.max(spread(m.control), spread(m.treatment)) : 0;
    const cell = (arm) => {
      const known = arm && arm.value !== null && arm.value !== undefined;
      return h('td', { class: `number${known ? '' : ' unknown'}` }, known ? level(arm.value, m.unit, half) : t(effects.at ? 'notestimable' : 'nolook'));
    };
    return h('tr', {}, h('th', { scope: 'row' }, word('metric', name)), cell(m?.control), cell(m?.treatment),
      h('td', { class: 'spark quiet' }, m ? t('figures.units', { n1: count(m.control.units), n2: count(m.treatment.units) }) : ''));
  });
}

const spread = (arm) => (arm?.std_err ? 1.96 * arm.std_err : 0);

// level writes a figure of one arm, rounded by its error.
export function level(x, unit, half) {
  const decimals = (scale) => (half > 0 ? decimalsFor(half * scale) : 1);
  if (unit === 'share') return `${decimal(100 * x, decimals(100))} %`;
  if (unit === 'ms' && Math.abs(x) >= 1000) return `${decimal(x / 1000, decimals(1e-3))} s`;
  if (unit === 'USD') return `$${decimal(x, Math.max(2, decimals(1)))}`;
  return decimal(x, decimals(1)) + (unit ? ` ${word('unit', unit)}` : '');
}
