// The browser of dialogues: find, read, label.

import { get } from './api.js';
import { fill, h } from './dom.js';
import { find } from './find.js';
import { labelling } from './labelling.js';
import { t } from './i18n.js';

export async function show(main, me) {
  const base = `/v1/applications/${encodeURIComponent(me.app)}/`;
  document.title = `${t('page.dialogues')} · ${me.app} · Weir`;
  // The plan tells which version is stable; a lake alone has none.
  const plan = me.alone ? null : await get(`${base}plan`).catch(() => null);
  const versions = plan?.versions ?? [];
  if (!plan) {
    document.body.dataset.alone = 'true';
    for (const a of document.querySelectorAll('#header nav a[href="/"]')) a.remove();
  }
  document.getElementById('connection')?.remove();
  const context = { me, base, versions, may: (scope) => me.scopes.includes(scope) };

  const view = h('div', { class: 'view' });
  const tabs = [['find', 'tab.find'], ['label', 'tab.label']].map(([name, key]) => h('a', { href: `?view=${name}`, click: (event) => {
    event.preventDefault();
    history.pushState(null, '', `?view=${name}`);
    open();
  } }, t(key)));
  fill(main, h('div', { class: 'dialogues' }, h('div', { class: 'tabs' }, h('h1', {}, t('page.dialogues')), h('nav', { 'aria-label': t('tabs') }, tabs)), view));

  let current = '';
  let page;
  function open() {
    const query = new URLSearchParams(location.search);
    const name = query.get('view') === 'label' ? 'label' : 'find';
    tabs.forEach((a, i) => {
      if (i === (name === 'label' ? 1 : 0)) a.setAttribute('aria-current', 'page');
      else a.removeAttribute('aria-current');
    });
    if (name !== current) {
      current = name;
      page = name === 'label' ? labelling(context) : find(context);
      fill(view, page.element);
    }
    page.open(query);
  }
  addEventListener('popstate', open);
  open();
}
