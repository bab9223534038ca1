// What the latest look came to: the verdict in a sentence, and each metric that
// decides, with its interval against its margin. All are on one axis, in units of
// their own margin, good to the right: right of −1 within it, right of 0 better.

import { fill, h, mark, text } from './dom.js';
import { ago, clock, count, decimal, decimalsFor } from './format.js';
import { t, word } from './i18n.js';

const looks = { promote: 'better', hold: 'open', rollback: 'worse', invalid: 'unknown' };

export function verdict() {
  const head = h('div', { class: 'sentence' });
  const plot = h('div', { class: 'plot' });
  const more = h('div', {});
  const age = h('small', {});
  const element = h('section', { class: 'verdict', 'aria-labelledby': 'verdict-title' },
    h('h2', { id: 'verdict-title' }, t('verdict.title'), ' ', age), head, plot, more);
  let shown;
  return {
    element,
    update({ effects: e, plan, deployment: d }) {
      text(age, e?.at ? t('verdict.look', { time: clock(e.at), ago: ago(e.at) }) : '');
      if (!e || !d || e === shown) return;
      shown = e;
      const state = looks[e.verdict] ?? 'open';
      head.className = `sentence ${state}`;
      fill(head, mark(e.at ? state : 'unknown'), h('p', {}, h('b', {}, word('verdict', e.verdict)), ' ', sentence(e, d, plan)));
      const decisive = e.metrics.filter((m) => m.role !== 'monitor');
      fill(plot, decisive.length > 0 ? forest(decisive) : null);
      fill(more, e.at ? [
        h('p', { class: 'quiet' }, health(e)),
        h('details', {}, h('summary', {}, t('verdict.reasons')), h('ul', { lang: 'en' }, e.reasons.map((r) => h('li', {}, r)))),
        h('p', { class: 'quiet how' }, t('verdict.how'), ' ', h('code', {}, `weir gate --lake LAKE --spec weir.yaml --replay RECORD`)),
      ] : h('p', { class: 'quiet', lang: 'en' }, e.reasons.join(' ')));
    },
  };
}

// sentence is the verdict's reason in the words of the page.
function sentence(e, d, plan) {
  if (!e.at) return t('verdict.none', { every: plan?.jobs.analyze ?? '' });
  const names = { v1: d.stable, v2: d.version };
  const goals = e.metrics.filter((m) => m.role === 'goal');
  const deciding = e.metrics.filter((m) => m.role !== 'monitor');
  const harmed = deciding.filter((m) => m.margin.check === 'failed');
  const within = deciding.filter((m) => m.margin.check === 'passed');
  const parts = [];
  if (e.verdict === 'invalid') parts.push(t('verdict.invalid.why', names));
  if (harmed.length > 0) parts.push(t('verdict.harmed', { list: harmed.map(effect).join(t('and')) }));
  for (const m of goals.filter((g) => g.margin.check !== 'failed')) parts.push(t(`verdict.goal.${stateOf(m)}`, { effect: effect(m) }));
  if (harmed.length === 0) parts.push(t(within.length === deciding.length ? 'verdict.within.all' : 'verdict.within', { k: within.length, n: deciding.length }));
  if (e.needs && e.needs.units > 0) {
    const days = e.needs.days;
    parts.push(t(days === null || days === undefined ? 'verdict.needs' : 'verdict.needs.days', { n: roughly(e.needs.units), days: days < 1 ? '< 1' : roughly(Math.round(days)) }));
  }
  return parts.join(' ');
}

function roughly(n) {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, n))) - 1);
  return count(Math.round(n / step) * step);
}

const effect = (m) => `${word('metric', m.name)} ${change(m)}`;

// shown is the interval on the scale of the margin: the test's, which verdicts
// cite; the relative estimate's where the margin is relative.
function shown(m) {
  if (m.margin.relative) return { ...m.relative, relative: true };
  if (m.kind === 'quantile' || m.test.value === null && m.margin.check === 'failed') return m.absolute;
  return m.test;
}

// stateOf is what a metric's interval has cleared.
export function stateOf(m) {
  if (m.margin.check === 'failed') return 'worse';
  if (m.direction === 'not_estimable') return 'unknown';
  if (m.direction === 'better') return 'better';
  if (m.direction === 'worse') return 'worse';
  if (m.margin.check === 'passed') return m.role === 'goal' ? 'open' : 'within';
  return 'open';
}

// change writes an effect with its interval, rounded by its error: +3.1 pp (−0.4 to +6.6).
function change(m) {
  const e = shown(m);
  if (e.value === null || m.direction === 'not_estimable' && m.margin.check !== 'failed') return t('notestimable');
  const [scale, unit] = e.relative ? [100, '%'] : m.unit === 'share' ? [100, t('points')] : m.unit === 'ms' && Math.abs(m.control.value) >= 1000 ? [1e-3, 's'] : [1, m.unit ? word('unit', m.unit) : ''];
  const half = e.lower !== null && e.upper !== null ? (e.upper - e.lower) / 2 : e.lower !== null ? e.value - e.lower : e.upper !== null ? e.upper - e.value : 0;
  const decimals = decimalsFor(half * scale);
  const end = (x, open) => (x === null ? open : decimal(x * scale, decimals, true));
  return `${decimal(e.value * scale, decimals, true)}${unit && ' '}${unit} (${end(e.lower, '−∞')} ${t('to')} ${end(e.upper, '+∞')})`;
}

// place puts a metric on the axis, in margins; null where there is none.
export function place(m) {
  const e = shown(m);
  const margin = m.margin.value;
  if (!margin || e.value === null || e.value === undefined || m.direction === 'not_estimable' && m.margin.check !== 'failed') return null;
  const sign = m.good === 'down' ? -1 : 1;
  const at = (x, open) => (x === null || x === undefined ? open : (sign * x) / margin);
  const [a, b] = [at(e.lower, -sign * Infinity), at(e.upper, sign * Infinity)];
  return { value: at(e.value), lower: Math.min(a, b), upper: Math.max(a, b), bound: at(m.margin.bound, null) };
}

function forest(metrics) {
  const places = metrics.map(place);
  const known = places.filter(Boolean).flatMap((p) => [p.lower, p.upper]).filter(Number.isFinite);
  const low = Math.max(-4, Math.min(-1.6, ...known) - 0.2);
  const high = Math.min(5, Math.max(1.4, ...known) + 0.2);
  const x = (v) => `${(((Math.min(Math.max(v, low), high) - low) / (high - low)) * 100).toFixed(2)}%`;
  const zones = () => [
    h('svg:rect', { class: 'tolerated', x: x(-1), y: 0, width: `${((1 / (high - low)) * 100).toFixed(2)}%`, height: '100%' }),
    h('svg:line', { class: 'margin', x1: x(-1), x2: x(-1), y1: 0, y2: '100%' }), h('svg:line', { class: 'zero', x1: x(0), x2: x(0), y1: 0, y2: '100%' }),
  ];
  const tick = (at, label) => h('span', { style: { left: x(at) } }, label);
  return h('div', { role: 'table', 'aria-label': t('plot.label') },
    h('div', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}), h('div', {}, tick(-1, t('plot.beyond')), tick(0, '0'), h('span', { class: 'far' }, t('plot.better')))),
    metrics.map((m, i) => row(m, places[i], { x, low, high, zones })));
}

function row(m, p, { x, low, high, zones }) {
  const state = stateOf(m);
  const words = t(`state.${state}${m.role === 'goal' && state === 'open' && m.margin.check === 'passed' ? '.within' : ''}`);
  const drawing = h('svg', { class: `track ${state}`, 'aria-hidden': 'true', height: 26, width: '100%' }, zones(),
    p ? [
      h('svg:line', { class: 'interval', x1: x(p.lower), x2: x(p.upper), y1: 13, y2: 13 }),
      [p.lower, p.upper].map((end) => (end > low && end < high ? h('svg:line', { class: 'end', x1: x(end), x2: x(end), y1: 8, y2: 18 }) : null)),
      p.bound !== null && p.bound > low && p.bound < high ? h('svg:line', { class: 'bound', x1: x(p.bound), x2: x(p.bound), y1: 9, y2: 17 }) : null,
      p.upper >= high ? h('svg:text', { x: '100%', y: 17, 'text-anchor': 'end' }, '▸') : null, p.lower <= low ? h('svg:text', { x: 0, y: 17 }, '◂') : null,
      p.value > low && p.value < high ? h('svg:circle', { class: 'dot', cx: x(p.value), cy: 13, r: 4.5 }) : null,
    ] : h('svg:rect', { class: 'hatched', x: x(-1), y: 8, width: `calc(${x(1)} - ${x(-1)})`, height: 10 }));
  return h('div', { role: 'row', class: 'metric' },
    h('div', { role: 'rowheader' }, mark(state), h('span', {}, word('metric', m.name), h('small', {}, ` ${t(`role.${m.role}`)}`))),
    h('div', { role: 'cell', class: 'tracks' }, drawing, h('span', { class: 'hidden' }, words)),
    h('div', { role: 'cell', class: 'effect-text' }, change(m), h('small', {}, ` ${words} · ${t('plot.margin', { margin: margin(m) })}`)));
}

// margin writes what was declared.
function margin(m) {
  const v = m.margin.value;
  if (v === null) return '–';
  if (m.margin.relative) return `${Number((100 * v).toPrecision(6))} %`;
  if (m.unit === 'share') return `${Number((100 * v).toPrecision(6))} ${t('points')}`;
  return `${Number(v.toPrecision(6))}${m.unit ? ` ${word('unit', m.unit)}` : ''}`;
}

// health says whether the comparison can be trusted.
function health(e) {
  const s = e.health?.srm;
  const parts = [t('health.units', { n1: count(e.units?.control), n2: count(e.units?.treatment) })];
  if (s) parts.push(s.p_value === null ? t('health.srm.none') : t(s.ok ? 'health.srm' : 'health.srm.bad', { p: s.p_value < 0.001 ? '< .001' : s.p_value.toFixed(s.p_value < 0.1 ? 3 : 2).replace(/^0/, '') }));
  if (e.health?.loss) parts.push(t(e.health.loss.ok ? 'health.loss' : 'health.loss.bad', { n1: count(e.health.loss.control), n2: count(e.health.loss.treatment) }));
  const served = e.health?.compliance?.treatment;
  if (served !== null && served !== undefined) parts.push(t(e.health.compliance.ok ? 'health.served' : 'health.served.bad', { share: `${decimal(100 * served, 1)} %` }));
  return parts.join(' · ');
}
