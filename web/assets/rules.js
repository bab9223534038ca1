// The rules in force, and the question that everybody asks: which version would
// this request get, and why?

import { send } from './api.js';
import { reason } from './actions.js';
import { fill, h, unique } from './dom.js';
import { clock, share } from './format.js';
import { t } from './i18n.js';

export function rules({ explain }) {
  const list = h('div', {});
  const answer = h('div', { class: 'answer', role: 'status' });
  const field = (name, attributes = {}) => {
    const id = unique();
    return h('div', { class: 'field' }, h('label', { for: id }, t(`tester.${name}`)), h('input', { id, name, autocomplete: 'off', spellcheck: 'false', ...attributes }));
  };
  const attributes = h('div', { class: 'fields' });
  const headers = unique();
  const form = h('form', { class: 'tester', submit: async (event) => {
    event.preventDefault();
    try {
      fill(answer, told(await send('POST', explain, { body: asked(new FormData(form)) })));
    } catch (e) {
      fill(answer, h('p', { class: 'fault' }, reason(e)));
    }
  } },
  h('h3', {}, t('tester.title')),
  h('div', { class: 'fields' }, field('session'), field('user'), field('region')),
  attributes,
  h('div', { class: 'field' }, h('label', { for: headers }, t('tester.headers')), h('textarea', { id: headers, name: 'headers', rows: '2', spellcheck: 'false', placeholder: 'X-Feature-Flag: v2' })),
  h('p', { class: 'buttons' }, h('button', { type: 'submit' }, t('tester.ask'))), answer);
  const element = h('section', { class: 'rules', 'aria-labelledby': 'rules-title' },
    h('div', {}, h('h2', { id: 'rules-title' }, t('rules.title')), list), form);
  let shown;
  let declared = '';
  return {
    element,
    update({ rules: r, plan, deployment: d }) {
      if (plan && plan.attributes.join() !== declared) {
        declared = plan.attributes.join();
        fill(attributes, plan.attributes.map((name) => {
          const id = unique();
          return h('div', { class: 'field' }, h('label', { for: id }, h('code', {}, name)), h('input', { id, name: `attribute.${name}`, autocomplete: 'off' }));
        }));
      }
      if (!r || !d || r === shown) return;
      shown = r;
      fill(list, r.length === 0 ? h('p', { class: 'quiet' }, t('rules.none')) : h('ol', {}, r.map((x) => h('li', { class: x.active ? '' : 'quiet' },
        h('b', {}, x.name), ' ', h('code', {}, x.when), h('small', {}, x.version ? t('rules.version', { version: x.version }) : t(x.active ? 'rules.split' : 'rules.waits', { share: share(x.split), v2: d.version, from: share(x.from_share ?? 0) }))))));
    },
  };
}

function asked(form) {
  const body = { attributes: {}, headers: {} };
  for (const name of ['session', 'user', 'region']) if (form.get(name)) body[name] = form.get(name);
  for (const [name, value] of form) if (name.startsWith('attribute.') && value) body.attributes[name.slice('attribute.'.length)] = value;
  for (const line of form.get('headers').split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) body.headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return body;
}

// told says what decided, in the page's words.
function told(a) {
  const names = {
    version: a.version, assigned: a.assigned_version, rule: a.rule ?? '', time: a.assigned_at ? clock(a.assigned_at) : '',
    share: a.propensity === null ? '' : share(a.propensity), release: a.release,
  };
  return [
    h('p', {}, h('b', { class: 'tag' }, a.version), ' ', t(`explain.${a.reason}`, names)),
    h('p', { class: 'quiet' }, t(a.randomized ? 'explain.randomized' : 'explain.forced', names), ' ', t('explain.unit'), ' ', h('code', {}, a.unit_id)),
  ];
}
