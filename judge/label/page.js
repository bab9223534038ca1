"use strict";
(() => {
  const set = JSON.parse(document.getElementById("data").textContent);
  const words = {
    en: { title: "Label dialogues", who: "Your name", save: "Save to a file", previous: "Back", skip: "Cannot tell", next: "Next", comment: "Comment (optional)", about: "What is asked", user: "User", assistant: "Assistant", passages: "Retrieved passages",
      progress: (i, n, done) => `${i} of ${n} · ${done} done`, keys: "Keys: a number answers, ↑ ↓ choose the question, Enter next, ← back, s cannot tell, Ctrl+S save", needName: "Write your name first: labels are kept by name.", unsaved: "Not saved yet" },
    zh: { title: "标注对话", who: "姓名", save: "保存到文件", previous: "上一条", skip: "无法判断", next: "下一条", comment: "备注（可选）", about: "标注说明", user: "用户", assistant: "助手", passages: "检索到的段落",
      progress: (i, n, done) => `第 ${i} 条，共 ${n} 条 · 已完成 ${done} 条`, keys: "按键：数字作答，↑ ↓ 选择问题，Enter 下一条，← 上一条，s 无法判断，Ctrl+S 保存", needName: "请先填写姓名：标注按姓名保存。", unsaved: "尚未保存" },
  }[set.language === "zh" ? "zh" : "en"];
  const $ = (id) => document.getElementById(id);
  const memory = "weir-labels/" + set.set;
  let at = 0, question = 0, saved = true;
  let state = { labeler: "", labels: {}, comments: {} };
  try { state = Object.assign(state, JSON.parse(localStorage.getItem(memory) || "{}")); } catch (e) { /* a file without storage works all the same */ }

  const keep = () => { saved = false; try { localStorage.setItem(memory, JSON.stringify(state)); } catch (e) { /* see above */ } };
  const labels = () => (state.labels[set.items[at].item] ??= {});
  const isDone = (item) => set.criteria.every((c) => (state.labels[item.item] || {})[c.name] !== undefined);
  const element = (name, cls, text) => { const e = document.createElement(name); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };

  function showDialogue(item) {
    const parts = [];
    for (const turn of item.turns || []) {
      for (const [side, text] of [["user", turn.user], ["assistant", turn.assistant]]) {
        if (!text) continue;
        const block = element("div", "turn " + side);
        const body = element("p", "", text);
        body.dir = "auto";
        block.append(element("b", "", words[side]), body);
        parts.push(block);
      }
      if ((turn.passages || []).length) {
        const more = element("details");
        more.append(element("summary", "", `${words.passages} (${turn.passages.length})`));
        for (const text of turn.passages) { const p = element("p", "passage", text); p.dir = "auto"; more.append(p); }
        parts.push(more);
      }
    }
    $("dialogue").replaceChildren(...parts);
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
        row.append(radio, element("kbd", "", String(level.value)), element("span", "", level.means));
        box.append(row);
      }
      if (labels()[c.name] === "skip") box.append(element("span", "done", "✓ " + words.skip));
      return box;
    }));
  }

  function show() {
    const item = set.items[at];
    if (!item) return;
    showDialogue(item);
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

  document.title = words.title;
  for (const [id, text] of Object.entries({ title: words.title, who: words.who, save: words.save, previous: words.previous, skip: words.skip, next: words.next, "comment-name": words.comment, keys: words.keys, "about-text": set.about, "policy-text": set.policy })) $(id).textContent = text;
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
    const level = set.criteria[question].levels.find((l) => String(l.value) === e.key);
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
