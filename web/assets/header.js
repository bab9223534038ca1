import { fill, h } from './dom.js';
import { language, languages, speak, t } from './i18n.js';

const element = document.getElementById('header');
const THEME = 'weir.theme';

// header shows who is there and where one can go; me is null before the login.
export function header(me, leave) {
  const here = location.pathname;
  const link = (path, key) => h('a', { href: path, 'aria-current': here === path ? 'page' : null }, t(key));
  fill(element,
    h('div', { class: 'bar' },
      h('a', { class: 'brand', href: '/', 'aria-label': t('home') }, h('span', { 'aria-hidden': 'true', class: 'logo' }), 'Weir'),
      me && h('span', { class: 'app', id: 'app' }, me.app),
      me && h('nav', { 'aria-label': t('pages') }, document.body.dataset.alone !== 'true' && link('/', 'page.dashboard'), link('/dialogues', 'page.dialogues')),
      h('span', { class: 'spring' }),
      me && h('span', { id: 'connection', class: 'connection' }),
      h('div', { class: 'choices', role: 'group', 'aria-label': t('language') },
        languages.map(([name, short, whole]) => h('button', {
          type: 'button', class: 'plain', lang: name === 'zh' ? 'zh-CN' : 'en', title: whole, 'aria-pressed': String(name === language), click: () => speak(name),
        }, short))),
      theme(),
      me && h('span', { class: 'who' }, t('who', { name: me.name }), me.scopes.includes('operate') ? null : h('span', { class: 'quiet' }, ` ${t('readonly')}`)),
      me && h('button', { type: 'button', class: 'plain', click: leave }, t('logout'))));
}

// theme is the button that goes from light to dark and back.
function theme() {
  const dark = () => document.documentElement.dataset.theme === 'dark'
    || document.documentElement.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches;
  const button = h('button', { type: 'button', class: 'plain theme', 'aria-label': t('theme'), title: t('theme'), 'aria-pressed': String(dark()), click: () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    localStorage.setItem(THEME, next);
    button.setAttribute('aria-pressed', String(dark()));
  } }, '◐');
  return button;
}
