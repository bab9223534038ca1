"use strict";
(() => {
  const set = JSON.parse(document.getElementById("data").textContent);
  const words = {
    en: { title: "Label dialogues", who: "Your name", save: "Save to a file", previous: "Back", skip: "Cannot tell", next: "Next", comment: "Comment (optional)", about: "What is asked", user: "User", assistant: "Assistant", passages: "Retrieved passages",
      pairs: "Label pairs", which: "Which of the two is better, A or B? Which one stands first was drawn by chance.", better: { A: "A is better", B: "B is better", tie: "Neither is better" }, scale: "What counts", silent: "No answer",
      progress: (i, n, done) => `${i} of ${n} · ${done} done`, keys: "Keys: a number answers, ↑ ↓ choose the question, Enter next, ← back, s cannot tell, Ctrl+S save", needName: "Write your name first: labels are kept by name.", unsaved: "Not saved yet" },
    zh: { title: "标注对话", who: "姓名", save: "保存到文件", previous: "上一条", skip: "无法判断", next: "下一条", comment: "备注（可选）", about: "标注说明", user: "用户", assistant: "助手", passages: "检索到的段落",
      pairs: "标注成对回答", which: "A 和 B 哪一个更好？先后顺序由抽签决定。", better: { A: "A 更好", B: "B 更好", tie: "不分上下" }, scale: "评判依据", silent: "没有回答",
      progress: (i, n, done) => `第 ${i} 条，共 ${n} 条 · 已完成 ${done} 条`, keys: "按键：数字作答，↑ ↓ 选择问题，Enter 下一条，← 上一条，s 无法判断，Ctrl+S 保存", needName: "请先填写姓名：标注按姓名保存。", unsaved: "尚未保存" },
  }[set.language === "zh" ? "zh" : "en"];
  const $ = (id) => document.getElementById(id);
  const pairs = set.mode === "pairwise";
  const memory = "weir-labels/" + set.set;
  let at = 0, question = 0, saved = true;
  let state = { labeler: "", labels: {}, comments: {} };
  try { state = Object.assign(state, JSON.parse(localStorage.getItem(memory) || "{}")); } catch (e) { /* a file without storage works all the same */ }

  const keep = () => { saved = false; try { localStorage.setItem(memory, JSON.stringify(state)); } catch (e) { /* see above */ } };
  const labels = () => (state.labels[set.items[at].item] ??= {});
  const isDone = (item) => set.criteria.every((c) => (state.labels[item.item] || {})[c.name] !== undefined);
  const element = (name, cls, text) => { const e = document.createElement(name); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };

  function said(side, text, name) {
    const block = element("div", "turn " + side), body = element("p", text ? "" : "silent", text || words.silent);
    body.dir = "auto";
    block.append(element("b", "", name), body);
    return block;
  }
  function passages(turn) {
    const list = turn.passages || [];
    if (!list.length) return [];
    const more = element("details");
    more.append(element("summary", "", `${words.passages} (${list.length})`));
    for (const text of list) { const p = element("p", "passage", text); p.dir = "auto"; more.append(p); }
    return [more];
  }
  function dialogue(item) {
    const parts = [];
    for (const turn of item.turns || []) {
      for (const side of ["user", "assistant"]) if (turn[side]) parts.push(said(side, turn[side], words[side]));
      parts.push(...passages(turn));
    }
    return parts;
  }
  // pair sets two dialogues side by side, turn by turn: what both were asked stands above the answers, once.
  function pair(item) {
    const sides = [["A", item.a || []], ["B", item.b || []]], parts = [];
    for (let n = 0; n < Math.max(...sides.map(([, turns]) => turns.length)); n++) {
      const asked = sides.map(([, turns]) => (turns[n] || {}).user), same = asked[0] === asked[1];
      if (same && asked[0]) parts.push(said("user both", asked[0], words.user));
      for (const [name, turns] of sides) {
        const turn = turns[n] || {}, cell = element("div", "side");
        if (!same && turn.user) cell.append(said("user", turn.user, `${words.user} · ${name}`));
        cell.append(said("assistant", turn.assistant, name), ...passages(turn));
        parts.push(cell);
      }
    }
    return parts;
  }

  function showQuestions() {
    $("form").replaceChildren(...set.criteria.map((c, i) => {
      const box = element("fieldset", i === question ? "current" : "");
      box.append(element("legend", "", c.question));
      for (const level of c.levels) {
        const row = element("label", "level");
        const radio = element("input");
        radio.type = "radio"; radio.name = c.name; radio.checked = labels()[c.name] === level.value;
        radio.addEventListener("change", () => { question = i; answer(level.value); });
        row.append(radio, element("kbd", "", level.key), element("span", "", level.means || words.better[level.value]));
        box.append(row);
      }
      if (labels()[c.name] === "skip") box.append(element("span", "done", "✓ " + words.skip));
      if (c.scale) {
        const more = element("details"), list = element("ul");
        list.append(...c.scale.map((means) => element("li", "", means)));
        more.append(element("summary", "", words.scale), list);
        box.append(more);
      }
      return box;
    }));
  }

  function show() {
    const item = set.items[at];
    if (!item) return;
    $("dialogue").replaceChildren(...(pairs ? pair(item) : dialogue(item)));
    showQuestions();
    $("comment").value = state.comments[item.item] || "";
    showProgress();
    $("previous").disabled = at === 0;
  }
  function showProgress() {
    $("progress").textContent = words.progress(at + 1, set.items.length, set.items.filter(isDone).length) + (saved ? "" : " · " + words.unsaved);
  }

  function answer(value) {
    labels()[set.criteria[question].name] = value;
    keep();
    if (question < set.criteria.length - 1) question++;
    showQuestions(); showProgress();
  }
  function go(to) {
    if (to < 0 || to >= set.items.length) { showProgress(); return; }
    at = to; question = 0; show();
    $("dialogue").focus({ preventScroll: true }); scrollTo(0, 0);
  }
  function skipAll() {
    for (const c of set.criteria) if (labels()[c.name] === undefined) labels()[c.name] = "skip";
    keep(); go(at + 1); show();
  }
  function save() {
    if (!state.labeler.trim()) { alert(words.needName); $("labeler").focus(); return; }
    const now = new Date().toISOString();
    const text = set.items.filter((i) => state.labels[i.item] && Object.keys(state.labels[i.item]).length)
      .map((i) => JSON.stringify({ item: i.item, labels: state.labels[i.item], comment: state.comments[i.item] || "", labeler: state.labeler.trim(), set: set.set, at: now })).join("\n") + "\n";
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    link.download = `labels-${set.set}-${state.labeler.trim().replace(/[^\p{L}\p{N}._-]+/gu, "-")}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    saved = true; showProgress();
  }

  document.title = pairs ? words.pairs : words.title;
  document.body.classList.toggle("pairs", pairs);
  $("which").hidden = !pairs;
  for (const [id, text] of Object.entries({ title: document.title, which: words.which, who: words.who, save: words.save, previous: words.previous, skip: words.skip, next: words.next, "comment-name": words.comment, keys: words.keys, "about-text": set.about, "policy-text": set.policy })) $(id).textContent = text;
  document.querySelector("#about summary").textContent = words.about;
  $("labeler").value = state.labeler;
  $("labeler").addEventListener("input", (e) => { state.labeler = e.target.value; keep(); });
  $("comment").addEventListener("input", (e) => { state.comments[set.items[at].item] = e.target.value; keep(); showProgress(); });
  $("previous").addEventListener("click", () => go(at - 1));
  $("next").addEventListener("click", () => go(at + 1));
  $("skip").addEventListener("click", skipAll);
  $("save").addEventListener("click", save);
  $("form").addEventListener("submit", (e) => e.preventDefault());
  addEventListener("beforeunload", (e) => { if (!saved) e.preventDefault(); });
  addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "s") { e.preventDefault(); save(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || /^(TEXTAREA)$/.test(e.target.tagName) || e.target.id === "labeler") return;
    const level = set.criteria[question].levels.find((l) => l.key === e.key);
    if (level) { e.preventDefault(); answer(level.value); return; }
    switch (e.key) {
      case "ArrowDown": question = Math.min(question + 1, set.criteria.length - 1); break;
      case "ArrowUp": question = Math.max(question - 1, 0); break;
      case "Enter": if (e.target.tagName === "BUTTON") return; e.preventDefault(); go(at + 1); return;
      case "ArrowRight": e.preventDefault(); go(at + 1); return;
      case "ArrowLeft": e.preventDefault(); go(at - 1); return;
      case "s": skipAll(); return;
      default: return;
    }
    e.preventDefault(); showQuestions();
  });
  const open = set.items.findIndex((i) => !isDone(i));
  go(open < 0 ? 0 : open);
})();
