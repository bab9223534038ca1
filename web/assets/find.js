// Find dialogues, and read one beside the list.

import { get } from './api.js';
import { reason } from './actions.js';
import { fill, h, unique } from './dom.js';
import { clock, count, decimal, duration } from './format.js';
import { line } from './prose.js';
import { reading } from './reading.js';
import { outcome, tag } from './marks.js';
import { t, word } from './i18n.js';

const conditions = ['text', 'version', 'session', 'user', 'from', 'to', 'criterion', 'low', 'high', 'outcome', 'value', 'error', 'intent', 'case', 'release'];

// page is how many dialogues an answer holds at most, unless asked otherwise.
const page = 50;

export function find(context) {
  const fields = {};
  const field = (name, attributes = {}) => {
    const id = unique();
    fields[name] = h('input', { id, name, autocomplete: 'off', spellcheck: 'false', ...attributes });
    return h('div', { class: `field ${name}` }, h('label', { for: id }, t(`find.${name}`)), fields[name]);
  };
  const choice = (name, options) => {
    const id = unique();
    fields[name] = h('select', { id, name }, options.map(([value, text]) => h('option', { value }, text)));
    return h('div', { class: `field ${name}` }, h('label', { for: id }, t(`find.${name}`)), fields[name]);
  };
  const number = { type: 'number', min: '0', max: '1', step: 'any', inputmode: 'decimal' };
  const more = h('details', {}, h('summary', {}, t('find.more')), h('div', { class: 'conditions' },
    field('session'), field('user'), field('criterion', { placeholder: 'support-quality' }), field('low', number), field('high', number),
    choice('outcome', [['', t('find.any')], ...['resolved', 'handoff', 'satisfaction', 'faq_hit', 'link_click'].map((o) => [o, word('outcome', o)])]),
    field('value', { placeholder: '0..1' }), field('intent'), field('case'), field('release')));
  const form = h('form', { class: 'search', role: 'search', 'aria-label': t('tab.find'), submit: (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    for (const name of conditions) if (fields[name].value.trim()) query.set(name, fields[name].value.trim());
    history.pushState(null, '', `?${query}`);
    open(query);
  } },
  h('div', { class: 'conditions first' }, field('text', { type: 'search' }), context.versions.length > 0 ? choice('version', [['', t('find.any')], ...context.versions.map((v) => [v, v])]) : field('version'),
    field('from', { type: 'date' }), field('to', { type: 'date' }),
    choice('error', [['', t('find.any')], ['*', t('find.failed')], ...['connect', 'timeout', 'reset', 'overflow', 'upstream_5xx', 'rate_limited', 'truncated', 'in_stream', 'crashed'].map((e) => [e, e])]),
    h('button', { type: 'submit', class: 'primary' }, t('find.go'))), more);

  const list = h('ol', { class: 'sessions' });
  const said = h('p', { class: 'quiet', role: 'status' });
  const stop = h('button', { type: 'button', class: 'plain', hidden: true, click: () => running.abort() }, t('find.stop'));
  const older = h('button', { type: 'button', hidden: true, click: () => load(true) }, t('find.older'));
  const reader = reading(context);
  const element = h('div', { class: 'find' }, form, h('div', { class: 'results' }, h('div', { class: 'counted' }, said, stop), list, older), reader.element);

  let asked = null;
  let next = null;
  let shown = [];
  let running = new AbortController();

  // open shows what the address asks for.
  function open(query) {
    for (const name of conditions) fields[name].value = query.get(name) ?? '';
    if ([...more.querySelectorAll('input, select')].some((f) => f.value)) more.open = true;
    const what = new URLSearchParams(query);
    what.delete('at');
    what.delete('view');
    if (asked === null || String(what) !== String(asked)) {
      asked = what;
      load(false);
    }
    const at = query.get('at');
    element.classList.toggle('reads', Boolean(at));
    reader.open(at, shown.find((s) => s.session === at));
    mark(at);
  }

  // mark says in the list which one is read.
  function mark(session) {
    for (const a of list.querySelectorAll('a')) {
      if (a.dataset.session === session) a.setAttribute('aria-current', 'true');
      else a.removeAttribute('aria-current');
    }
  }

  function question() {
    const q = new URLSearchParams();
    for (const name of ['text', 'version', 'session', 'user', 'from', 'intent', 'case', 'release', 'outcome', 'value', 'criterion']) if (asked.get(name)) q.set(name, asked.get(name));
    if (asked.get('to')) q.set('to', dayAfter(asked.get('to')));
    if (asked.get('low') || asked.get('high')) q.set('score', `${asked.get('low') ?? ''}..${asked.get('high') ?? ''}`);
    if (asked.get('error') === '*') q.set('failed', 'true');
    else if (asked.get('error')) q.set('error', asked.get('error'));
    return q;
  }

  async function load(further) {
    running.abort();
    const mine = new AbortController();
    running = mine;
    const q = question();
    if (further) q.set('after', next);
    else {
      shown = [];
      next = null;
      fill(list);
    }
    older.hidden = true;
    stop.hidden = true;
    const [from, to] = [asked.get('from') ?? '', asked.get('to') ?? ''];
    if (from && to && to < from) { // days, as text
      fill(said, h('span', { class: 'fault' }, t('find.reversed', { from, to })));
      return;
    }
    stop.hidden = false;
    fill(said, t('find.asking'));
    try {
      const answer = await get(`${context.base}dialogues?${q}`, { signal: mine.signal });
      next = answer.next;
      shown = shown.concat(answer.dialogues);
      list.append(...answer.dialogues.map(row));
      mark(new URLSearchParams(location.search).get('at'));
      fill(said, found(answer));
    } catch (e) {
      if (running !== mine) return; // another question has taken its place
      fill(said, e.name === 'AbortError' ? t('find.stopped') : h('span', { class: 'fault' }, reason(e)));
    }
    if (running !== mine) return;
    stop.hidden = true;
    older.hidden = next === null;
    older.textContent = t(shown.length > 0 && shown.length % page === 0 ? 'find.older' : 'find.on');
  }

  // found says how many there are, and, where not all was looked at, how far back.
  function found({ searched: { requests, of, since, whole } }) {
    if (whole) return shown.length === 0 ? t('find.none') : t('find.found', { n: count(shown.length) });
    const first = shown.length === 0 ? t('find.none.yet') : t('find.first', { n: count(shown.length) });
    return since === null ? first : `${first} · ${t('find.searched', { n: count(requests), of: count(of), since: clock(since) })}`;
  }

  function row(s) {
    const whole = s.marks.filter((m) => !m.name.includes('.') && m.kind !== 'outcome' && m.value !== null);
    const outcomes = s.marks.filter((m) => m.kind === 'outcome');
    return h('li', {}, h('a', {
      href: address(s.session), 'data-session': s.session, click: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        history.pushState(null, '', address(s.session));
        open(new URLSearchParams(location.search));
        reader.element.focus();
      },
    },
    h('span', { class: 'opening' }, s.opening === null ? h('i', {}, t('text.not_kept')) : line(s.opening || '–')),
    h('span', { class: 'facts' }, tag(s.version, context.versions), ` ${s.first ? clock(s.last) : t('find.notime')} · ${t('find.requests', { n: count(s.requests) })}`,
      s.errors > 0 ? h('b', { class: 'worse' }, ` · ▼ ${t('find.errors', { n: count(s.errors) })}`) : null,
      s.latency_ms !== null ? ` · ${duration(s.latency_ms)}` : null,
      outcomes.map((o) => ` · ${outcome(o)}`),
      whole.map((m) => ` · ${m.kind === 'label' ? t('mark.label') : t('mark.judgment')} ${decimal(m.value, 2)}`))));
  }

  function address(session) {
    const q = new URLSearchParams(asked);
    q.set('at', session);
    return `?${q}`;
  }

  return { element, open };
}

// dayAfter makes a day that is taken in the end of a range that is not.
function dayAfter(day) {
  const d = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(d.getTime())) return day;
  return new Date(d.getTime() + 86_400_000).toISOString().slice(0, 10);
}
