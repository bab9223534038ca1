// Who changed what, and when: the end of the audit log.

import { fill, h } from './dom.js';
import { ago, clock } from './format.js';
import { sentence } from './changes.js';
import { t } from './i18n.js';

export function events() {
  const list = h('ol', {});
  const element = h('section', { class: 'events', 'aria-labelledby': 'events-title' }, h('h2', { id: 'events-title' }, t('events.title')), list);
  let shown = '';
  return {
    element,
    update({ changes, deployment: d }) {
      if (!changes || !d) return;
      const rows = changes.map((c) => [clock(c.at), ago(c.at), sentence(c, d), c.at, (c.amendments ?? []).map((a) => `${a.path}: ${a.old} → ${a.new}`)]);
      const now = JSON.stringify(rows);
      if (now === shown) return;
      shown = now;
      fill(list, rows.map(([at, , what, whole, amended]) => h('li', {}, h('time', { datetime: whole, title: whole }, at), h('span', {}, what, amended.map((a) => h('small', {}, a))))));
    },
  };
}
