// What marks a dialogue: which version it went to, and what came of it.

import { h } from './dom.js';
import { t, word } from './i18n.js';

// tag names a version: the colour says which, and so does the word.
export function tag(version, versions) {
  if (!version) return h('span', { class: 'tag' }, '–');
  const i = versions.indexOf(version);
  return h('span', { class: `tag ${['v1', 'v2'][i] ?? ''}` }, version);
}

// outcome words one: what happens or not by name, others with their value.
export function outcome(o) {
  const name = word('outcome', o.name);
  if (o.name === 'satisfaction' || (o.value !== 0 && o.value !== 1)) return `${name} ${Number(o.value.toPrecision(6))}`;
  return o.value === 1 ? name : t('outcome.not', { name });
}
