// The questions of a rubric about one dialogue, to be answered.

import { reason } from './actions.js';
import { fill, h, unique } from './dom.js';
import { t } from './i18n.js';

// answering is the form; given says what was answered before, and save takes what is
// answered now and the place to say what came of it.
export function answering(rubric, given, save) {
  const said = h('div', { class: 'revealed', role: 'status' });
  const comment = unique();
  const questions = rubric.questions.map((q) => h('fieldset', {}, h('legend', {}, q.question),
    [...q.levels.map((l) => [String(l.value), l.means]), ['skip', t('label.skip')]].map(([value, means]) => {
      const id = unique();
      return h('div', { class: 'level' }, h('input', { type: 'radio', id, name: q.name, value, checked: given.levels[q.name] === value }), h('label', { for: id }, value === 'skip' ? null : h('kbd', {}, value), ` ${means}`));
    })));
  const form = h('form', { submit: async (event) => {
    event.preventDefault();
    const f = new FormData(form);
    const levels = {};
    for (const q of rubric.questions) if (f.get(q.name) !== null) levels[q.name] = f.get(q.name);
    if (Object.keys(levels).length === 0) {
      fill(said, h('p', { class: 'fault' }, t('label.nothing')));
      return;
    }
    try {
      await save(levels, f.get('comment'), said);
    } catch (e) {
      fill(said, h('p', { class: 'fault' }, reason(e)));
    }
  } }, questions, h('div', { class: 'field' }, h('label', { for: comment }, t('label.comment')), h('textarea', { id: comment, name: 'comment', rows: '2', maxlength: '2000', value: given.comment })),
  h('p', { class: 'buttons' }, h('button', { type: 'submit', class: 'primary' }, t('label.save'))), said);
  return form;
}
