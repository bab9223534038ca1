import { fill, h, text } from './dom.js';
import { t } from './i18n.js';

// confirm asks once. What is to happen is named; Enter does it, Escape leaves
// everything as it is. perform is called with the form's values; when it throws,
// the dialog shows why, and what can be done about it.
export function confirm({ title, effect, label, danger = false, fields = [], perform, explain }) {
  const said = h('div', { class: 'fault', role: 'alert' });
  const cancel = h('button', { type: 'button', click: () => dialog.close() }, t('cancel'));
  const go = h('button', { type: 'submit', class: danger ? 'danger' : 'primary', autofocus: fields.length === 0 }, label);
  const effects = h('div', { class: 'effect' }, effect);
  let extra = {};
  const form = h('form', { submit: async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    text(said, '');
    try {
      await perform(new FormData(form), extra);
      dialog.close();
    } catch (e) {
      const what = explain ? await explain(e) : { message: e.message };
      fill(said, what.message);
      extra = what.again ?? {};
      if (what.label) text(go, what.label);
      go.disabled = false;
      go.focus();
    }
  } },
  h('h2', { id: 'dialog-title' }, title), effects, fields, said,
  h('p', { class: 'buttons' }, cancel, go));
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', close: () => dialog.remove() }, form);
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, effects };
}

// say tells what was done, where it is heard and seen, until the next is said.
export function say(message, state = 'good') {
  const said = document.getElementById('said');
  fill(said, h('p', { class: `said ${state}` }, message,
    h('button', { type: 'button', class: 'plain', 'aria-label': t('close'), click: () => fill(said) }, '×')));
}
