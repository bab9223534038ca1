// Who gets what: the split, the ramp with the plan ahead, and what one may do.

import { fill, h, text } from './dom.js';
import { clock, count, share, span } from './format.js';
import { known, t, word } from './i18n.js';

export function split({ act, may }) {
  const v1 = h('div', { class: 'v1' });
  const v2 = h('div', { class: 'v2' });
  const bar = h('div', { class: 'split', role: 'img' }, v1, v2);
  const line = h('p', { class: 'state' });
  const button = (name, kind) => h('button', { type: 'button', id: name, class: kind, click: () => act[name]() }, t(`action.${name}`) + (name === 'pause' || name === 'resume' ? '' : '…'));
  const buttons = {
    share: button('share'), pause: button('pause'), resume: button('resume'), promote: button('promote'), rollback: button('rollback', 'danger'),
  };
  const steps = h('ol', { class: 'ramp' });
  const ahead = h('p', { class: 'quiet ahead' });
  const element = h('section', { class: 'allocation', 'aria-labelledby': 'split-title' },
    h('div', { class: 'headline' },
      h('h2', { id: 'split-title', class: 'release' }),
      may ? h('div', { class: 'actions', role: 'group', 'aria-label': t('actions') }, Object.values(buttons)) : null),
    bar, line, steps, ahead);
  const title = element.querySelector('.release');

  return {
    element,
    update(state) {
      const d = state.deployment;
      element.hidden = !d;
      if (!d) return;
      text(title, `${d.release} · ${d.environment}`);
      const part = effective(d);
      v1.style.flexGrow = String(1 - part);
      v2.style.flexGrow = String(part);
      v1.classList.toggle('none', part === 1);
      v2.classList.toggle('none', part === 0);
      fill(v1, h('b', {}, d.stable), ` ${share(1 - part)}`);
      fill(v2, h('b', {}, d.version), ` ${share(part)}`);
      bar.setAttribute('aria-label', t('split.label', { v1: d.stable, v2: d.version, share: share(part), rest: share(1 - part) }));
      text(line, standing(d, state.plan));
      const over = d.state === 'rolled_back';
      const still = ['paused', 'halted', 'breaker'].includes(d.state);
      buttons.share.hidden = over || d.state === 'promoted';
      buttons.pause.hidden = over || d.state === 'promoted' || still;
      buttons.resume.hidden = over || d.state === 'promoted' || !still;
      buttons.promote.hidden = over || d.state === 'promoted' || d.state === 'breaker';
      buttons.rollback.hidden = over;
      ramp(steps, ahead, state);
    },
  };
}

// effective is the share of new units that the candidate gets now.
export function effective(d) {
  if (d.state === 'promoted') return 1;
  if (['rolled_back', 'halted', 'breaker'].includes(d.state)) return 0;
  return d.share;
}

// standing says in a sentence what the release does now.
function standing(d, plan) {
  const names = { v1: d.stable, v2: d.version, share: share(d.share), time: clock(d.state === 'paused' ? d.changed.at : d.since), actor: word('actor', d.changed.actor), since: clock(d.since) };
  if (d.traffic_control.strategy === 'header' && ['running', 'paused'].includes(d.state)) return t('standing.header', { ...names, header: d.traffic_control.value });
  if (d.state === 'running') {
    const by = !plan?.ramp ? 'none' : plan.ramp.advance;
    const who = t(`standing.${by}`);
    return `${t(d.unit === 'user' ? 'standing.running.users' : 'standing.running', names)} ${who}`;
  }
  return t(`standing.${d.state}`, names);
}

// ramp shows the steps: taken, under way with what it still takes, and ahead.
function ramp(list, ahead, { deployment: d, plan, autopilot }) {
  const planned = plan?.ramp;
  list.hidden = !planned;
  ahead.hidden = !planned;
  if (!planned) return;
  const held = (Date.now() - new Date(d.share_since)) / 1000;
  fill(list, planned.steps.map((s, i) => {
    const reached = d.ramp?.step ?? 0;
    const state = i + 1 < reached || d.state === 'promoted' ? 'taken' : i + 1 > reached ? 'ahead' : d.state === 'rolled_back' ? 'ended' : 'now';
    const last = i === planned.steps.length - 1;
    const needs = [];
    if (s.hold_seconds) needs.push(state === 'now' ? t('step.held', { held: span(Math.min(held, s.hold_seconds)), hold: span(s.hold_seconds) }) : span(s.hold_seconds));
    const seen = state === 'now' && autopilot?.steered ? autopilot.steps?.[i] : null;
    if (s.units) needs.push(seen?.state === 'current' ? t('step.counted', { k: count(seen.mature), n: count(s.units) }) : t('step.units', { n: count(s.units) }));
    if (last) needs.push(t('step.proof'));
    return h('li', { class: state, 'aria-current': state === 'now' ? 'step' : null },
      h('span', { class: 'dot', 'aria-hidden': 'true' }, { taken: '✓', now: '●', ahead: '○', ended: '▼' }[state]),
      h('b', {}, share(s.to)), h('span', { class: 'hidden' }, t(`step.${state}`)), h('small', {}, state === 'taken' || state === 'ended' ? t(`step.${state}`) : needs.join(' · ')));
  }), h('li', { class: d.state === 'promoted' ? 'now' : 'ahead' }, h('span', { class: 'dot', 'aria-hidden': 'true' }, d.state === 'promoted' ? '●' : '○'), h('b', {}, '100 %'), h('small', {}, t('step.promoted'))));
  text(ahead, waits({ deployment: d, plan, autopilot }));
  ahead.hidden = ahead.textContent === '';
}

// waits says what the next step waits for, as far as that is known here.
function waits({ autopilot }) {
  if (!autopilot) return '';
  const parts = [];
  const w = autopilot.waiting;
  if (w && w.for !== 'look') {
    const key = `waiting.${w.for}`;
    parts.push(known(key) ? t(key) : w.reason);
    if (w.until) parts.push(t('autopilot.until', { time: clock(w.until) }));
  }
  if (autopilot.next_look) parts.push(t('autopilot.next', { time: clock(autopilot.next_look) }));
  return parts.join(' · ');
}
