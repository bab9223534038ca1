// The page: who is there, and what they came to see.

import { ApiError, get, onLeave, remember, token } from './api.js';
import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { login } from './login.js';
import { header } from './header.js';

const main = document.getElementById('main');

function leave(message) {
  remember(null);
  document.body.classList.remove('entered');
  header(null);
  login(main, message, start);
}

onLeave(() => leave(t('login.refused')));

// taken takes a token that the address brings, and takes it out of the address:
// what stands behind # is sent to nobody.
function taken() {
  const brought = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!brought) return;
  remember(brought);
  history.replaceState(null, '', location.pathname + location.search);
}

async function start() {
  if (!token()) {
    leave();
    return;
  }
  let me;
  try {
    me = await get('/v1/me');
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) return; // left already
    document.body.classList.remove('entered');
    fill(main, h('section', { class: 'alone' }, h('h1', {}, t('unreachable.title')), h('p', {}, e.message),
      h('button', { type: 'button', click: start }, t('again'))));
    return;
  }
  if (!me.scopes.includes('read')) {
    leave(t('login.noread', { name: me.name }));
    return;
  }
  document.body.classList.add('entered');
  header(me, () => leave());
  const page = location.pathname === '/dialogues' ? await import('./dialogues.js') : await import('./dashboard.js');
  page.show(main, me);
}

document.querySelector('.skip').textContent = t('skip');
document.querySelector('.skip').href = '#main';
taken();
start();
