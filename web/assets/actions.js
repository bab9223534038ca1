// What an operator may do. Each names its effect before it is done, is done only
// if nobody came between, and says when it took effect.

import { ApiError, get, send } from './api.js';
import { confirm, say } from './dialog.js';
import { h, text } from './dom.js';
import { clock, count, share } from './format.js';
import { t, word } from './i18n.js';
import { sentence } from './changes.js';

// Actions of an app. current gives the deployment that is shown, changed is told
// what a change has made of it.
export function actions({ app, current, changed }) {
  const path = (name) => `/v1/applications/${encodeURIComponent(app)}/${name}`;

  // perform makes a change on what was seen when it was decided on.
  const perform = (seen, done, call) => async (form, again) => {
    const d = await call(form, again.match ?? seen.changed.seq);
    changed(d);
    say(t(done, { time: clock(d.changed.at, true), v1: d.stable, v2: d.version, share: share(d.share) }));
  };

  // explain says who came between, and lets the change be made all the same.
  const explain = (seen, label) => async (e) => {
    if (!(e instanceof ApiError) || e.status !== 412) return { message: reason(e) };
    const [{ changes }, now] = await Promise.all([get(`${path('history')}?limit=20`), get(path('deployments'))]);
    changed(now);
    const meanwhile = changes.filter((c) => c.seq > seen.changed.seq);
    return {
      message: [h('p', {}, t('conflict')), h('ul', {}, meanwhile.map((c) => h('li', {}, `${clock(c.at, true)} · ${sentence(c, now)}`)))],
      label: t('conflict.again', { label }),
      again: { match: now.changed.seq },
    };
  };

  const why = () => h('label', { class: 'field' }, t('reason'), h('input', { name: 'reason', maxlength: '200', autocomplete: 'off' }));
  const post = (name) => (form, match) => send('POST', path(name), { match, body: { reason: form.get('reason') ?? '' } });

  function simple(name, { danger = false, effect = '', after } = {}) {
    const seen = current();
    const label = t(`action.${name}`);
    const names = { v1: seen.stable, v2: seen.version, share: share(seen.share) };
    const asked = confirm({
      title: t(`${name}.title`, { ...names, app, release: seen.release }), label, danger,
      effect: effect || h('p', {}, t(`${name}.effect`, names)),
      fields: name === 'rollback' ? [] : [why()],
      perform: perform(seen, `${name}.done`, post(name)), explain: explain(seen, label),
    });
    if (after) after(asked);
  }

  // Rolling back names how many conversations it moves, as soon as that is known;
  // nobody has to wait for it.
  function rollback() {
    const seen = current();
    const names = { v1: seen.stable, v2: seen.version };
    const line = h('p', {}, t('rollback.effect', names));
    const moved = h('p', { class: 'moved' }, t('rollback.counting'));
    simple('rollback', { danger: true, effect: [line, moved, h('p', { class: 'quiet' }, t('rollback.final', { release: seen.release }))], after: async () => {
      try {
        const c = await get(path('conversations'));
        text(moved, t(c.unit === 'user' ? 'rollback.users' : 'rollback.conversations', { ...names, n: count(c.versions[seen.version] ?? 0), minutes: Math.round(c.active_seconds / 60) }));
      } catch {
        text(moved, t('rollback.uncounted', names));
      }
    } });
  }

  function setShare() {
    const seen = current();
    const effect = h('p', { class: 'effect-line' });
    const most = seen.unit === 'user' ? 50 : 100;
    const field = h('input', {
      name: 'share', type: 'number', min: '0', max: String(most), step: 'any', required: true, inputmode: 'decimal', value: String(Number((100 * seen.share).toPrecision(6))), autofocus: true,
      input: () => tell(),
    });
    const tell = () => {
      const s = field.valueAsNumber / 100;
      text(effect, Number.isFinite(s) ? t(seen.unit === 'user' ? 'share.effect.users' : 'share.effect', { v1: seen.stable, v2: seen.version, share: share(s), rest: share(1 - s) }) : '');
    };
    const label = t('action.share');
    confirm({
      title: t('share.title', { v2: seen.version }), label, effect: [effect, h('p', { class: 'quiet' }, t(seen.ramp ? 'share.pauses' : 'share.stays'))],
      fields: [h('label', { class: 'field' }, t('share.field', { v2: seen.version }), h('span', { class: 'with-unit' }, field, '%')), why()],
      perform: perform(seen, 'share.done', (form, match) => send('PATCH', path('deployments'), { match, body: {
        version: seen.version, target_environment: seen.environment, reason: form.get('reason'),
        traffic_control: { strategy: seen.unit === 'user' ? 'user_id' : 'percentage', value: Number((field.valueAsNumber / 100).toPrecision(12)) },
      } })), explain: explain(seen, label),
    });
    field.select();
    tell();
  }

  return { rollback, share: setShare, pause: () => simple('pause'), resume: () => simple('resume'), promote: () => simple('promote') };
}

// reason says why a call failed: in the page's language what kind of failure it
// is, and the server's own words.
export function reason(e) {
  if (!(e instanceof ApiError)) return String(e.message ?? e);
  return [word('error', e.code), e.message && e.code !== 'unreachable' ? h('span', { lang: 'en', class: 'server' }, ` (${e.message})`) : null];
}
