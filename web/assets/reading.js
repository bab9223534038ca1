// A dialogue as it is read: turns with who answered, how long it took, what was
// retrieved, and what was said of it. Runs of the same case stand side by side.

import { get, send } from './api.js';
import { reason } from './actions.js';
import { answering } from './answering.js';
import { fill, h, unique } from './dom.js';
import { clock, count, decimal, duration } from './format.js';
import { line, prose } from './prose.js';
import { outcome, tag } from './marks.js';
import { t, word } from './i18n.js';

export function reading(context) {
  const element = h('section', { class: 'reading', tabindex: '-1', 'aria-label': t('reading') });
  let shown = null;
  let running = new AbortController();

  async function open(session, hint) {
    if (!session) {
      shown = null;
      fill(element, h('p', { class: 'quiet' }, t('reading.none')));
      return;
    }
    if (session === shown) return;
    shown = session;
    running.abort();
    running = new AbortController();
    fill(element, h('p', { class: 'quiet' }, t('find.asking')));
    try {
      const d = await ask(session, hint);
      const other = await beside(d);
      fill(element, other ? h('div', { class: 'pair' }, whole(d, context), whole(other, context)) : whole(d, context));
    } catch (e) {
      if (e.name !== 'AbortError') fill(element, h('p', { class: 'fault' }, reason(e)));
    }
  }

  function ask(session, hint) {
    const q = new URLSearchParams({ session });
    if (hint?.first) {
      q.set('from', hint.first.slice(0, 10));
      q.set('to', hint.last);
    }
    return get(`${context.base}dialogue?${q}`, { signal: running.signal });
  }

  // beside is the run of the same case and trial under the other version.
  function beside(d) {
    const me = d.case.find((r) => r.session === d.session);
    const other = me && d.case.find((r) => r.version !== me.version && r.trial === me.trial);
    return other ? ask(other.session) : null;
  }

  return { element, open };
}

function whole(d, context) {
  const first = d.requests[0];
  const waiting = d.drawn.find((x) => !x.mine);
  const rest = h('div', {});
  const everything = () => [facts(d, first, context), h('ol', { class: 'turns' }, d.requests.map((r, i) => turn(r, i, d, context, false))), d.more ? h('p', { class: 'quiet' }, t('reading.more')) : null, marks(d), picking(d, context)];
  if (waiting) {
    // Drawn for labels and not labelled yet: who answered and what a judge said stay hidden, so that neither tells what to say.
    fill(rest, h('div', { class: 'blind' }, h('p', {}, t('reading.blind')),
      h('p', { class: 'buttons' }, h('a', { class: 'button primary', href: `?view=label&set=${encodeURIComponent(waiting.set)}&rubric=${encodeURIComponent(waiting.rubric)}&item=${encodeURIComponent(waiting.item)}` }, t('reading.label')),
        h('button', { type: 'button', click: () => fill(rest, everything()) }, t('reading.anyway')))),
    h('ol', { class: 'turns' }, d.requests.map((r, i) => turn(r, i, d, context, true))));
  } else fill(rest, everything());
  return h('article', {}, h('h2', {}, h('code', {}, line(d.session))), rest);
}

// picking lets somebody label a dialogue that they chose. It says what that is worth:
// labels correct the judge where chance drew what is labelled.
function picking(d, context) {
  if (!context.may('operate') && !context.may('ingest') || !d.requests.some((r) => r.content)) return null;
  const inside = h('div', {});
  return h('details', { class: 'picking', toggle: async (event) => {
    if (!event.target.open || inside.hasChildNodes()) return;
    fill(inside, h('p', { class: 'quiet' }, t('find.asking')));
    try {
      const { rubrics } = await get(`${context.base}samples`);
      if (rubrics.length === 0) fill(inside, h('p', { class: 'quiet' }, t('pick.norubric')));
      else fill(inside, h('p', { class: 'quiet' }, t('pick.worth')), forms(rubrics));
    } catch (e) {
      fill(inside, h('p', { class: 'fault' }, reason(e)));
    }
  } }, h('summary', {}, t('pick.open')), inside);

  function forms(rubrics) {
    const place = h('div', { class: 'questions' });
    const show = (name) => {
      const rubric = rubrics.find((r) => r.name === name);
      const mine = Object.fromEntries(rubric.questions.map((q) => [q.name, null]));
      fill(place, answering(rubric, { levels: mine, comment: '' }, async (levels, comment, said) => {
        await send('POST', `${context.base}labels`, { body: { rubric: rubric.name, session: d.session, levels, comment } });
        fill(said, h('p', {}, h('b', { class: 'good' }, `● ${t('label.saved')}`), ' ', t('pick.saved')));
      }));
    };
    show(rubrics[0].name);
    if (rubrics.length === 1) return place;
    const id = unique();
    return [h('div', { class: 'field' }, h('label', { for: id }, t('sets.rubric')), h('select', { id, change: (event) => show(event.target.value) }, rubrics.map((r) => h('option', { value: r.name }, r.name)))), place];
  }
}

function facts(d, r, context) {
  const versions = [...new Set(d.requests.map((x) => x.assigned_version).filter(Boolean))];
  const pairs = [
    [t('fact.version'), versions.map((v) => tag(v, context.versions))], [t('fact.release'), r.release], [t('fact.user'), r.user && line(r.user)],
    [t('fact.why'), [word('why', r.reason ?? ''), r.rule && ` (${r.rule})`]], [t('fact.case'), r.case_id && [line(r.case_id), r.trial !== null ? ` · ${t('fact.trial', { n: r.trial })}` : null]],
    ...Object.entries(r.attributes ?? {}).map(([k, v]) => [k, line(v)]),
  ];
  return h('dl', { class: 'facts' }, pairs.filter(([, v]) => v && (!Array.isArray(v) || v.some(Boolean))).map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, v))));
}

function turn(r, i, d, context, blind) {
  const of = d.marks.filter((m) => m.trace_id === r.trace_id);
  const moved = !blind && r.served_version && r.served_version !== r.assigned_version;
  const c = r.content;
  return h('li', {},
    h('div', { class: 'when' }, h('b', {}, t('turn', { n: r.turn ?? i + 1 })), ' ', r.started_at ? clock(r.started_at, true) : '',
      !blind && r.latency_ms !== null ? ` · ${duration(r.latency_ms)}` : null, !blind && r.ttft_ms !== null ? ` · ${t('turn.first', { ms: duration(r.ttft_ms) })}` : null,
      !blind && r.input_tokens !== null ? ` · ${t('turn.tokens', { in: count(r.input_tokens), out: count(r.output_tokens) })}` : null,
      !blind && r.model ? [' · ', line(r.model)] : null,
      moved ? [' · ', t('turn.served'), ' ', tag(r.served_version, context.versions)] : null,
      r.error_type ? h('b', { class: 'worse' }, ` · ▼ ${r.error_type}${r.status ? ` (${r.status})` : ''}`) : null,
      r.truncated ? ` · ${t('turn.truncated')}` : null),
    c ? [
      c.input && h('div', { class: 'speech user' }, h('b', {}, t('user')), prose(c.input)),
      c.retrieval.length > 0 && h('details', { class: 'retrieved' }, h('summary', {}, t('retrieved', { n: c.retrieval.length })), h('ol', {}, c.retrieval.map((p) => h('li', {},
        h('small', {}, `${p.rank}. `, p.doc_id && line(p.doc_id), p.score !== null ? ` · ${decimal(p.score, 3)}` : ''), p.text && prose(p.text))))),
      c.output && h('div', { class: 'speech assistant' }, h('b', {}, t('assistant')), prose(c.output)),
      c.tool_calls && c.tool_calls !== 'null' && h('details', {}, h('summary', {}, t('tools')), prose(c.tool_calls, 'code')),
      !blind && c.prompt && h('details', {}, h('summary', {}, t('prompt')), prose(c.prompt, 'code')),
      !blind && c.spans.length > 0 && spans(c.spans, r.latency_ms),
    ] : h('p', { class: 'quiet' }, t(`text.${r.text}`)),
    !blind && of.length > 0 ? h('ul', { class: 'marks' }, of.map(mark)) : null);
}

// spans shows where the time went, as bars on the axis of the request.
function spans(list, latency) {
  const end = Math.max(latency ?? 0, ...list.map((s) => (s.start_ms ?? 0) + (s.duration_ms ?? 0))) || 1;
  const at = (ms) => `${((100 * (ms ?? 0)) / end).toFixed(2)}%`;
  return h('details', { class: 'spans', open: true }, h('summary', {}, t('spans')), h('table', {}, list.map((s) => h('tr', {},
    h('th', { scope: 'row' }, s.name ? line(s.name) : '–'),
    h('td', { class: 'axis' }, s.duration_ms === null ? null : h('svg', { height: 12, width: '100%', 'aria-hidden': 'true' }, h('svg:rect', { x: at(s.start_ms), width: at(s.duration_ms), height: 12 }))),
    h('td', { class: 'number' }, duration(s.duration_ms))))));
}

// marks are what was said of the dialogue as a whole.
function marks(d) {
  const of = d.marks.filter((m) => m.trace_id === null);
  const outcomes = of.filter((m) => m.kind === 'outcome');
  const scores = of.filter((m) => m.kind !== 'outcome');
  return [
    outcomes.length > 0 ? h('p', { class: 'outcomes' }, h('b', {}, t('outcomes')), ' ', outcomes.map(outcome).join(' · ')) : null,
    scores.length > 0 ? h('table', { class: 'scores' }, h('caption', {}, t('scores')), h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('score.criterion')), h('th', { scope: 'col', class: 'number' }, t('score.value')), h('th', { scope: 'col' }, t('score.said')))),
      h('tbody', {}, scores.map((m) => h('tr', {}, h('th', { scope: 'row' }, line(m.name)), h('td', { class: `number${m.value === null ? ' unknown' : ''}` }, m.value === null ? word('verdict.word', m.word ?? '') : decimal(m.value, 2)),
        h('td', {}, h('small', {}, t(`mark.${m.kind}`), m.giver ? [' · ', line(m.giver)] : null, m.flags ? ` · ${m.flags === 'picked' ? t('mark.picked') : m.flags}` : null), m.said ? prose(m.said) : null))))) : null,
  ];
}

function mark(m) {
  if (m.kind === 'outcome') return h('li', {}, outcome(m));
  return h('li', {}, `${t(`mark.${m.kind}`)} `, line(m.name), ` ${m.value === null ? '–' : decimal(m.value, 2)}`, m.said ? prose(m.said) : null);
}
