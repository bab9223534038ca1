import { ApiError, get, remember } from './api.js';
import { fill, h, text } from './dom.js';
import { t } from './i18n.js';

// login asks for a token, and goes on once it is taken.
export function login(main, message, enter) {
  const said = h('p', { class: 'fault', role: 'alert' }, message ?? '');
  const field = h('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false', 'aria-describedby': 'token-help' });
  const button = h('button', { type: 'submit', class: 'primary' }, t('login.enter'));
  const form = h('form', { class: 'login', submit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    remember(field.value.trim());
    try {
      await get('/v1/me');
      enter();
    } catch (e) {
      button.disabled = false;
      if (!(e instanceof ApiError && e.status === 401)) {
        remember(null);
        text(said, t('unreachable.title'));
      }
    }
  } },
  h('h1', {}, t('login.title')),
  h('label', { for: 'token' }, t('login.token')), field,
  h('p', { id: 'token-help', class: 'quiet' }, t('login.help')),
  said, button);
  document.title = `Weir · ${t('login.title')}`;
  fill(main, form);
  field.focus();
}
