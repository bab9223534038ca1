// English and Chinese are whole languages of the page. A catalogue is a module; a
// test holds that both have the same entries with the same parameters.

import en from './en.js';
import zh from './zh.js';

const KEY = 'weir.language';
const catalogues = { en, zh };

export const languages = [['en', 'EN', 'English'], ['zh', '中文', '中文']];

export const language = (() => {
  const kept = localStorage.getItem(KEY);
  if (kept in catalogues) return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
})();

document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';

export function speak(name) {
  localStorage.setItem(KEY, name);
  location.reload();
}

// t is a text of the catalogue; {name} in it is the parameter of that name. A key
// that nobody knows is shown, so that it is found. Where n is 1, the entry with .one is taken.
export function t(key, parameters = {}) {
  const one = String(parameters.n) === '1' && catalogues[language][`${key}.one`];
  const found = one || catalogues[language][key];
  if (found === undefined) return key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in parameters ? String(parameters[name]) : whole));
}

// known tells whether the catalogue has a key.
export function known(key) {
  return key in catalogues[language];
}

// word is the translation of a word that the server uses; itself, where there is
// none.
export function word(kind, value) {
  const key = `${kind}.${value}`;
  return known(key) ? t(key) : String(value);
}
