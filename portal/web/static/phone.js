// What a phone does beside the page: keeps pages for use without network, sends what waits, prepares a visit, forgets.
(function () {
  "use strict";
  const CACHE = "previsit", LANGUAGE = "previsit-language", PATIENCE = 3000, SOON = 2000, RARELY = 30000; // milliseconds
  const here = document.getElementById("phone"), questionnaire = window.questionnaire;
  const data = questionnaire ? questionnaire.data : {};
  const keeps = window.caches && navigator.serviceWorker && here.dataset.worker;
  const language = document.documentElement.lang, lent = "lent" in document.body.dataset;

  if (lent) wipe(); // whatever the browser brought along
  else if (!(questionnaire && questionnaire.shell)) start().catch(() => {}); // no network now: at the next page, then
  closeHelp();
  let queue = null, moving = false; // what waits here; whether another page is coming
  const waiting = takeOver();
  if (questionnaire) questionnaire.later = waiting;

  async function start() {
    if (!document.getElementById("kept")) wanted(); // a kept page knows no network to choose a language with
    if (!here.dataset.worker) return stop();
    if (!keeps) return;
    await navigator.serviceWorker.register(here.dataset.worker);
    await forgetOthers();
    const cache = await caches.open(CACHE);
    await cache.put("/language", new Response(language));
    if (questionnaire) return keep(here.dataset.keep.split(" "));
    if (document.getElementById("kept")) return again(cache);
    changeLanguageOffline();
    if ("allDue" in here.dataset) await prune(cache);
    prepare(cache);
  }

  // Pages that were kept for somebody else, who held this phone before, are let go.
  async function forgetOthers() {
    const { holder } = here.dataset;
    if (!holder) return;
    const noted = await notedHolder();
    if (noted && noted !== holder) await caches.delete(CACHE);
    if (noted !== holder) await (await caches.open(CACHE)).put("/holder", new Response(holder));
  }

  async function notedHolder() {
    const noted = await (await caches.open(CACHE)).match("/holder");
    return noted && noted.text();
  }

  // ── answers that wait ───────────────────────────────────────────────────────

  async function takeOver() {
    const holder = questionnaire || here.dataset.holder ? here.dataset.holder : await notedHolder().catch(() => {});
    const outbox = window.Outbox({
      csrf: document.querySelector("[name=csrf_token]").value, save: here.dataset.save, complete: here.dataset.complete,
      renew: here.dataset.renew, holder, mine: data.assignment, held: questionnaire && questionnaire.held,
      say: questionnaire ? questionnaire.say : () => {}, completed: (...what) => completed(outbox, ...what).catch(() => {})
    });
    queue = outbox;
    if (questionnaire) questionnaire.begin(outbox);
    // Private browsing, no room, a store that never opens: answering goes on, and the page says that nothing is kept.
    const attached = lent ? Promise.resolve() : soon(attach(outbox).catch(() => {}));
    forgetting(outbox, attached);
    await attached;
    outbox.alone();
    if (!questionnaire) tell(outbox);
    outbox.flush().then(() => { if (!questionnaire) tell(outbox); });
    return { changeLanguage: (form, code) => changeLanguage(outbox, form, code) };
  }

  async function attach(outbox) {
    const { entries, state } = await outbox.attach(await window.Store.open());
    if (questionnaire) questionnaire.restore(entries, state);
  }

  // What was sent is asked no more, also without network; and whoever is not told by her questionnaire is told here.
  async function completed(outbox, assignment, reply) {
    const isLate = !questionnaire && Boolean(reply.set_apart);
    if (isLate) moving = true;
    if (keeps) await drop("/answer/" + assignment + "/").catch(() => {});
    if (isLate) location.assign("/answer/" + assignment + "/late");
    else tell(outbox);
  }

  async function drop(folder) {
    const cache = await caches.open(CACHE);
    for (const request of await cache.keys()) {
      if (new URL(request.url).pathname.startsWith(folder)) await cache.delete(request);
    }
  }

  function tell(outbox) {
    const line = document.getElementById("unsent"), kept = document.getElementById("kept");
    if (kept) list(kept, outbox);
    if (!line || moving) return;
    if (outbox.leaving()) line.textContent = line.dataset.words;
    else if (outbox.isRefused()) line.textContent = ""; // it stays where it is
    else if (line.textContent) location.reload(); // it has gone: the page shows what was received
  }

  // Without network: the questionnaires that this phone keeps, and how far each is.
  async function list(box, outbox) {
    const cache = await caches.open(CACHE), found = document.createDocumentFragment();
    for (const request of await cache.keys()) {
      const [, kind, id, , code] = new URL(request.url).pathname.split("/");
      if (kind !== "answer" || code !== language) continue;
      const shell = new DOMParser().parseFromString(await (await cache.match(request)).text(), "text/html");
      const item = found.appendChild(document.createElement("li")), link = item.appendChild(document.createElement("a"));
      const name = link.appendChild(document.createElement("h3")), state = link.appendChild(document.createElement("span"));
      Object.assign(link, { className: "task", href: "/answer/" + id });
      name.textContent = shell.querySelector("h1").textContent;
      state.className = "state";
      state.textContent = box.dataset[outbox.find(id) ? "pending" : outbox.waitingFor(id) ? "unsent" : "ready"];
    }
    box.hidden = !found.childNodes.length;
    box.querySelector("ul").textContent = "";
    box.querySelector("ul").appendChild(found);
  }

  // ── pages without network ───────────────────────────────────────────────────

  // Keeps pages with their styles and scripts; a page never stands there without its parts.
  async function keep(pages) {
    const cache = await caches.open(CACHE);
    for (const page of pages) {
      if (await cache.match(page)) continue;
      const response = await fetch(page, { credentials: "same-origin", headers: { "X-Shell": "1" } });
      const text = await response.clone().text();
      const isOurs = response.ok && !response.redirected && text.includes('id="phone"'); // not the page of a hotel
      if (!isOurs) throw new Error("not kept: " + response.status);
      for (const part of parts(text)) {
        if (!(await cache.match(part))) await cache.add(part);
      }
      await cache.delete(page, { ignoreSearch: true });
      await cache.put(page, response);
    }
  }

  function parts(text) { return text.match(/\/static\/[^"\s]+/g) || []; }

  // Lets go of questionnaires that are not due any more, and of styles and scripts that no kept page asks for.
  async function prune(cache) {
    const due = new Set(here.dataset.keep.split(" ").map((page) => page.split("?")[0])), used = new Set();
    for (const request of await cache.keys()) {
      const path = new URL(request.url).pathname;
      if (path.startsWith("/answer/") && !due.has(path)) await cache.delete(request);
      else if (!path.startsWith("/static/")) parts(await (await cache.match(request)).text()).forEach((part) => used.add(part));
    }
    for (const request of await cache.keys()) {
      const { pathname, search } = new URL(request.url);
      if (pathname.startsWith("/static/") && !used.has(pathname + search)) await cache.delete(request);
    }
  }

  async function prepare(cache) {
    const box = document.getElementById("prepare");
    if (!box) return;
    const pages = here.dataset.keep.split(" "), button = box.querySelector("button"), line = box.querySelector("p");
    await navigator.serviceWorker.ready;
    const ready = (await Promise.all(pages.map((page) => cache.match(page)))).every(Boolean);
    box.hidden = false;
    button.hidden = ready;
    line.textContent = ready ? box.dataset.ready : "";
    button.addEventListener("click", async () => {
      button.disabled = true;
      line.textContent = box.dataset.preparing;
      try {
        await keep(pages);
        await note(box.dataset.held.split(" "));
        button.hidden = true;
        line.textContent = box.dataset.ready;
      } catch (failed) {
        button.disabled = false;
        line.textContent = box.dataset.failed;
      }
    });
  }

  // Notes for each questionnaire what the server holds already, so that nothing is asked twice without network.
  async function note(addresses) {
    const store = await window.Store.open();
    for (const address of addresses) {
      const held = await (await fetch(address, { credentials: "same-origin" })).json();
      const state = { received: {}, leads: held.leads, filled_in_by: null, seen: { upto: held.upto, devices: {} } };
      const { holder } = here.dataset;
      held.received.forEach((id) => { state.received[id] = true; });
      await store.put({ assignment: held.assignment, holder, state }, held.assignment + "/state");
    }
    store.close();
  }

  // On the page that stands in for others without network: its own languages, and back as soon as there is network.
  function again(cache) {
    window.addEventListener("online", goOn);
    setTimeout(look, SOON, SOON);
    document.querySelector(".language").addEventListener("submit", async (event) => {
      event.preventDefault();
      const code = language === "fr" ? "en" : "fr";
      await cache.put("/language", new Response(code));
      localStorage.setItem(LANGUAGE, code);
      location.reload();
    });
  }

  // A portal that was down comes back without a word, and a phone says that it is online before it is.
  function look(wait) {
    fetch(here.dataset.renew, { credentials: "same-origin", redirect: "manual" })
      .then((response) => { if (response.status < 500) goOn(); }).catch(() => {});
    setTimeout(look, wait, Math.min(wait * 2, RARELY));
  }

  // What waits goes first: the page that comes shall know of it.
  async function goOn() {
    if (queue) await soon(queue.flush());
    location.reload();
  }

  // On a page around the questionnaires: without network, the other language is that of the page that stands in for it.
  function changeLanguageOffline() {
    document.querySelector(".language").addEventListener("submit", async (event) => {
      if (navigator.onLine || !keeps) return;
      event.preventDefault();
      const code = language === "fr" ? "en" : "fr";
      await (await caches.open(CACHE)).put("/language", new Response(code));
      localStorage.setItem(LANGUAGE, code);
      location.reload();
    });
  }

  // Every answer first; then the server's page in the other language, or, without network, the one that is kept here.
  async function changeLanguage(outbox, form, code) {
    if (!(await soon(outbox.flush())) && !outbox.isSafe()) return questionnaire.say("onlineOnly");
    if (await choose(form, code)) return location.reload();
    const cache = window.caches && await caches.open(CACHE).catch(() => null), shell = "/answer/" + data.assignment + "/shell/" + code;
    if (!cache || !(await cache.match(shell, { ignoreSearch: true }))) return questionnaire.say("onlineOnly");
    await cache.put("/language", new Response(code));
    localStorage.setItem(LANGUAGE, code);
    location.reload();
  }

  // The language that was chosen without network is chosen again now that there is one.
  async function wanted() {
    let code = null;
    try { code = localStorage.getItem(LANGUAGE); } catch (refused) { /* nothing was chosen */ }
    if (code && (code === language || await choose(document.querySelector(".language"), code))) {
      localStorage.removeItem(LANGUAGE);
      if (code !== language) location.reload();
    }
  }

  // Tells the server; a page that was kept has no token for that.
  async function choose(form, code) {
    const body = new URLSearchParams(new FormData(form));
    body.set("language", code);
    if (!body.get("csrf_token")) return false;
    try {
      const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
      if (response.type !== "opaqueredirect") return false;
      localStorage.removeItem(LANGUAGE);
      return true;
    } catch (unreachable) {
      return false;
    }
  }

  function soon(promise) { return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, PATIENCE))]); }

  // ── help ────────────────────────────────────────────────────────────────────

  // Help covers the page: Escape closes it, and so does going on to what it covers.
  function closeHelp() {
    const help = document.querySelector(".help");
    if (!help) return;
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") help.open = false; });
    help.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !help.contains(event.relatedTarget)) help.open = false;
    });
  }

  // ── forgetting ──────────────────────────────────────────────────────────────

  function forgetting(outbox, attached) {
    const form = document.querySelector("form[action='/forget']");
    if (!form) return;
    let warned = false;
    const warning = document.createElement("p");
    warning.className = "fault";
    warning.setAttribute("role", "alert");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await attached;
      form.appendChild(warning);
      warning.textContent = navigator.onLine ? "" : here.dataset.needs; // the portal, too, must forget this phone
      if (!navigator.onLine) return;
      if (!warned && outbox.unsent()) await outbox.flush();
      if (!warned && outbox.unsent()) {
        warned = true;
        warning.textContent = here.dataset.loses;
        return;
      }
      await wipe();
      form.submit();
    });
  }

  async function wipe() {
    await window.Store.wipe().catch(() => {}); // there was none
    await stop().catch(() => {}); // nor any page
  }

  // The kill switch, and what forgetting does: no worker, no kept page.
  async function stop() {
    if (navigator.serviceWorker) {
      for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
    }
    if (window.caches) await caches.delete(CACHE);
  }
})();
