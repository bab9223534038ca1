// Labels: sets that were drawn, by chance and with a known probability, are
// labelled blind, and correct the judge. What is labelled of a dialogue that somebody
// picked (reading.js) does not: it would say more of who picked it than of the version.

import { download, get, send } from './api.js';
import { reason } from './actions.js';
import { say } from './dialog.js';
import { answering } from './answering.js';
import { fill, h, unique } from './dom.js';
import { clock, count, percent } from './format.js';
import { prose } from './prose.js';
import { tag } from './marks.js';
import { t } from './i18n.js';

export function labelling(context) {
  const element = h('div', { class: 'labelling' });

  async function open(query) {
    const set = query.get('set');
    try {
      if (set) await item(set, query.get('rubric'), query.get('item'));
      else await sets();
    } catch (e) {
      fill(element, h('p', { class: 'fault' }, reason(e)), set ? h('p', {}, h('a', { href: '?view=label' }, t('label.sets'))) : null);
    }
  }

  // sets lists what was drawn, and draws more.
  async function sets() {
    fill(element, h('p', { class: 'quiet' }, t('find.asking')));
    const { samples, rubrics } = await get(`${context.base}samples`);
    fill(element, h('p', { class: 'intro' }, t('label.intro')), samples.length === 0 ? h('p', { class: 'quiet' }, t('label.none')) : h('div', { class: 'scroll' }, h('table', { class: 'sets' },
      h('thead', {}, h('tr', {}, ['set', 'rubric', 'drawn', 'items', 'labelled', 'mine', 'actions'].map((c) => h('th', { scope: 'col', class: ['items', 'labelled', 'mine'].includes(c) ? 'number' : null }, t(`sets.${c}`))))),
      h('tbody', {}, samples.map((s) => h('tr', {}, h('th', { scope: 'row' }, h('code', {}, s.set)), h('td', {}, s.rubric), h('td', {}, s.drawn ? clock(s.drawn) : '–'),
        h('td', { class: 'number' }, count(s.items)), h('td', { class: 'number' }, count(s.labelled)), h('td', { class: 'number' }, count(s.mine)),
        h('td', { class: 'links' }, rubrics.some((r) => r.name === s.rubric) ? [
          mayLabel() ? h('a', { class: 'button', href: address(s) }, t('label.begin')) : null,
          ['csv', 'jsonl'].map((f) => h('button', { type: 'button', class: 'plain', click: () => save(s, f) }, f.toUpperCase()))] : h('small', {}, t('label.norubric')))))))),
    context.may('operate') && rubrics.length > 0 ? draw(rubrics) : null);
  }

  const mayLabel = () => context.may('operate') || context.may('ingest');
  const address = (s, next) => `?view=label&set=${encodeURIComponent(s.set)}&rubric=${encodeURIComponent(s.rubric)}${next ? `&item=${encodeURIComponent(next)}` : ''}`;

  async function save(s, format) {
    try {
      const blob = await download(`${context.base}samples/${encodeURIComponent(s.set)}?rubric=${encodeURIComponent(s.rubric)}&format=${format}`);
      const url = URL.createObjectURL(blob);
      h('a', { href: url, download: `weir-${s.rubric}-${s.set}.${format}` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (e) {
      say(reason(e), 'worse');
    }
  }

  function draw(rubrics) {
    const [a, b] = [unique(), unique()];
    const form = h('form', { class: 'draw', submit: async (event) => {
      event.preventDefault();
      const f = new FormData(form);
      try {
        const d = await send('POST', `${context.base}samples`, { body: { rubric: f.get('rubric'), count: Number(f.get('count')) } });
        say(t('label.drew', { n: count(d.items), of: count(d.candidates), rate: percent(d.rate, 0) }));
        sets();
      } catch (e) {
        say(reason(e), 'worse');
      }
    } },
    h('h2', {}, t('label.draw')), h('p', { class: 'quiet' }, t('label.draw.help')),
    h('div', { class: 'field' }, h('label', { for: a }, t('sets.rubric')), h('select', { id: a, name: 'rubric' }, rubrics.map((r) => h('option', { value: r.name }, r.name)))),
    h('div', { class: 'field' }, h('label', { for: b }, t('label.count')), h('input', { id: b, name: 'count', type: 'number', min: '1', max: '5000', value: '100', required: true })),
    h('button', { type: 'submit' }, t('label.draw.go')));
    return form;
  }

  // item asks the questions about one dialogue of a set.
  async function item(set, rubric, wanted) {
    fill(element, h('p', { class: 'quiet' }, t('find.asking')));
    const s = await get(`${context.base}samples/${encodeURIComponent(set)}?rubric=${encodeURIComponent(rubric)}`);
    const done = (i) => Object.values(i.levels).some((v) => v !== null);
    const at = Math.max(0, wanted ? s.items.findIndex((i) => i.item === wanted) : s.items.findIndex((i) => !done(i)));
    show(s, at);
  }

  function show(s, at) {
    const x = s.items[at];
    if (!x) {
      fill(element, h('p', {}, t('label.empty')));
      return;
    }
    const finished = s.items.filter((i) => Object.values(i.levels).some((v) => v !== null)).length;
    const go = (to) => {
      history.pushState(null, '', address({ set: s.set, rubric: s.rubric.name }, s.items[to].item));
      show(s, to);
      element.querySelector('.turns')?.focus();
    };
    const form = answering(s.rubric, x, async (levels, comment, said) => {
      const answer = await send('POST', `${context.base}labels`, { body: { rubric: s.rubric.name, item: x.item, levels, comment } });
      for (const q of s.rubric.questions) x.levels[q.name] = levels[q.name] ?? x.levels[q.name];
      x.comment = comment;
      await reveal(answer.session, said);
      next.focus();
    });
    const next = h('button', { type: 'button', disabled: at + 1 >= s.items.length, click: () => go(at + 1) }, t('label.next'));
    fill(element, h('div', { class: 'progress' }, h('a', { href: '?view=label' }, t('label.sets')), h('span', {}, t('label.progress', { at: at + 1, n: s.items.length, done: finished })),
      h('span', { class: 'spring' }), h('button', { type: 'button', disabled: at === 0, click: () => go(at - 1) }, t('label.previous')), next),
    h('div', { class: 'sides' },
      h('ol', { class: 'turns', tabindex: '-1' }, x.turns.map((u, i) => h('li', {}, h('div', { class: 'when' }, h('b', {}, t('turn', { n: i + 1 }))),
        u.user && h('div', { class: 'speech user' }, h('b', {}, t('user')), prose(u.user)),
        u.passages.length > 0 && h('details', { class: 'retrieved' }, h('summary', {}, t('retrieved', { n: u.passages.length })), h('ol', {}, u.passages.map((p) => h('li', {}, prose(p))))),
        u.assistant && h('div', { class: 'speech assistant' }, h('b', {}, t('assistant')), prose(u.assistant))))),
      h('div', { class: 'questions' }, h('details', {}, h('summary', {}, s.rubric.name), h('p', {}, s.rubric.about), s.rubric.policy ? prose(s.rubric.policy) : null), form)));
  }

  // reveal says, once it is labelled, who had answered and what the judge said.
  async function reveal(session, said) {
    fill(said, h('p', {}, h('b', { class: 'good' }, `● ${t('label.saved')}`)));
    try {
      const d = await get(`${context.base}dialogue?${new URLSearchParams({ session })}`);
      const judged = d.marks.filter((m) => m.kind === 'judgment' && m.value !== null && !m.name.includes('.'));
      said.append(h('p', {}, t('label.was'), ' ', tag(d.requests[0].assigned_version, context.versions), judged.map((m) => ` · ${t('mark.judgment')} ${m.value.toFixed(2)}`), ' · ',
        h('a', { href: `?at=${encodeURIComponent(session)}&session=${encodeURIComponent(session)}` }, t('label.read'))));
    } catch (e) {
      said.append(h('p', { class: 'quiet' }, reason(e)));
    }
  }

  return { element, open };
}
