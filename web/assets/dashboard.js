// The dashboard: one screen that says whether to worry, and lets one act.

import { get, stream } from './api.js';
import { actions, reason } from './actions.js';
import { beside } from './beside.js';
import { events } from './events.js';
import { figures } from './figures.js';
import { fill, h, text } from './dom.js';
import { clock } from './format.js';
import { rules } from './rules.js';
import { split } from './split.js';
import { verdict } from './verdict.js';
import { t } from './i18n.js';
import { worries } from './worries.js';

export function show(main, me) {
  const path = (name) => `/v1/applications/${encodeURIComponent(me.app)}/${name}`;
  const state = { me, deployment: null, plan: null, figures: null, series: null, effects: null, rules: null, changes: null, lost: null, connected: false };
  document.title = `${me.app} · Weir`;

  const act = actions({ app: me.app, current: () => state.deployment, changed: (d) => take({ deployment: d }) });
  const sections = [
    worries(), split({ act, may: me.scopes.includes('operate') }), figures(), verdict(), beside(), events(), rules({ explain: path('explain') }),
  ];
  const [worry, bar, table, decision, side, past, tester] = sections.map((s) => s.element);
  fill(main, h('div', { class: 'dashboard' }, h('h1', { class: 'hidden' }, t('page.dashboard')), worry, bar, table, decision, side, past, tester));

  // Sections are brought up to date once a frame, however much has come.
  let due = false;
  function render() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      for (const s of sections) s.update(state);
      connection(state);
      document.body.classList.toggle('stale', state.lost !== null);
    });
  }

  function take(news) {
    const before = state.deployment?.changed.seq;
    Object.assign(state, news);
    if (state.deployment && state.deployment.changed.seq !== before) refresh();
    render();
  }

  // load asks for something and lets it stand as it was where it cannot be had.
  async function load(key, name, pick = (x) => x) {
    try {
      take({ [key]: pick(await get(path(name))) });
    } catch (e) {
      if (e.status !== 401 && state[key] === null) take({ [`${key}Fault`]: e });
    }
  }

  function refresh() {
    load('changes', 'history?limit=12', (x) => x.changes);
    load('rules', 'rules', (x) => x.rules);
    load('plan', 'plan');
  }

  let looked;
  const handlers = {
    release: (d) => take({ deployment: d }),
    figures: (f) => take({ figures: f }),
    series: (s) => take({ series: s }),
    autopilot: (a) => take({ autopilot: a }),
    jobs: (j) => take({ jobs: j.jobs }),
    webhooks: (w) => take({ webhooks: w.webhooks }),
    verdict: (v) => {
      if (v.at === looked && state.effects) return;
      looked = v.at;
      load('effects', 'effects');
    },
  };

  // watch keeps the stream open; where it is lost, the page says since when, and
  // tries again.
  async function watch() {
    let wait = 1000;
    const all = new AbortController();
    addEventListener('pagehide', () => all.abort());
    for (;;) {
      try {
        await stream(path('live'), {
          signal: all.signal,
          opened: () => {
            wait = 1000;
            if (state.lost) refresh();
            take({ lost: null, connected: true });
          },
          event: (name, data) => handlers[name]?.(data),
        });
      } catch (e) {
        if (e.status === 401 || all.signal.aborted) return;
        if (e.status) state.why = reason(e);
      }
      if (state.lost === null) take({ lost: new Date(), connected: false });
      await new Promise((done) => setTimeout(done, wait * (0.8 + 0.4 * Math.random())));
      wait = Math.min(wait * 2, 15_000);
    }
  }

  setInterval(render, 10_000); // ages go on
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  watch();
}

// connection says whether what is shown is of now.
function connection(state) {
  const element = document.getElementById('connection');
  if (!element) return;
  const lost = state.lost !== null;
  element.className = `connection ${lost ? 'lost' : state.connected ? 'live' : ''}`;
  text(element, lost ? t('connection.lost', { time: clock(state.lost, true) }) : state.connected ? t('connection.live') : t('connection.opening'));
}
