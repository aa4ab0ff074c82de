// One question at a time, out of the one document that holds them all; no network between two questions.
(function () {
  "use strict";
  const root = document.documentElement, DOUBLE_TAP = 350, RESTORING = 1500, AGAIN = 3000; // milliseconds
  if (!window.fetch || !window.crypto || !window.AbortController) return;
  root.classList.add("js");
  document.addEventListener("DOMContentLoaded", () => {
    try {
      start();
    } catch (error) {
      root.classList.remove("js"); // the long form works without us
      throw error;
    }
  });

  const byId = (id) => document.getElementById(id);
  const within = (promise, time) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, time))]);

  function start() {
    const form = byId("form"), data = form.dataset, words = byId("words").dataset, review = byId("review");
    const practice = "practice" in data, shell = "shell" in data; // a shell was kept for use without network: no answers in it
    const questions = window.Questions(() => leads), { read, isOpen, shown } = questions;
    const early = [], touched = new Set(); // answers before the outbox is there, and the items answered on this page
    let outbox = null, leads = [], filledInBy = null;
    let here = null, returning = false, sending = false, movedAt = -DOUBLE_TAP;

    questions.list.forEach((q) => {
      if (q.type === "vas") window.drawLine(q, words, label, answered);
      q.element.addEventListener("change", (event) => answered(q, event.target));
      questions.showTexts(q);
      q.last = read(q) || {};
    });
    byId("next").addEventListener("click", next);
    byId("back").addEventListener("click", back);
    byId("leave").addEventListener("click", () => { leaveOut(here); forward(); });
    byId("answer").addEventListener("click", () => { ask(false); focus(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); next(); });
    window.addEventListener("popstate", () => { show(fromAddress() || shown()[0], true); focus(); });
    window.addEventListener("scroll", sawEnd, { passive: true });
    window.addEventListener("resize", leaveRoom);
    window.addEventListener("pagehide", () => { settle(); sendEarly(); });
    document.addEventListener("visibilitychange", settle);
    window.questionnaire = { data, words, shell, held: shell ? null : held(), say, begin, restore, later: null };
    const later = practice ? Promise.resolve() : load(data.then);
    if (!practice) document.querySelector(".language").addEventListener("submit", changeLanguage);
    if (shell || kept()) within(later, RESTORING).then(open); // what this phone keeps comes before the first question
    else open();

    function open() {
      const waits = outbox && outbox.find(data.assignment);
      show(waits ? review : fromAddress() || shown().find(isOpen) || review, true);
      if (waits) send();
      window.addEventListener("load", () => { // the browser follows the address to a fieldset, which takes no focus
        setTimeout(() => { if (document.activeElement === document.body) focus(); }, 0);
      });
    }

    function kept() {
      try { return localStorage.getItem("previsit-kept"); } catch (refused) { return null; }
    }

    // Everything that the first question does not need comes after it.
    function load(address) {
      return new Promise((resolve) => {
        function ask() {
          const script = document.createElement("script");
          script.src = address;
          script.onload = () => window.questionnaire.later.then(resolve);
          script.onerror = () => { say("unkept"); setTimeout(ask, AGAIN); };
          document.head.appendChild(script);
        }
        if (shell || kept()) ask();
        else window.addEventListener("load", ask);
      });
    }

    // ── answers ──────────────────────────────────────────────────────────────

    // What the server held when it made this page, without the values.
    function held() {
      const received = {};
      questions.list.forEach((q) => {
        Object.keys(q.last).concat(q.skipped ? questions.ids(q) : []).forEach((id) => { received[id] = true; });
      });
      return { upto: Number(data.upto), received, leads: questions.leads() };
    }

    function answered(q, input) {
      if (input) questions.exclude(q, input);
      questions.showTexts(q, true);
      q.skipped = false;
      keep(q, read(q) || {});
      ask(false);
      label();
    }

    // Hands what is new to the outbox; what was there and is gone counts as left out.
    function keep(q, values) {
      Object.keys(q.last).forEach((id) => {
        if (!(id in values) && q.last[id] !== null) values[id] = null;
      });
      Object.keys(values).forEach((id) => {
        if (values[id] !== q.last[id]) give(q, id, values[id]);
      });
    }

    // What was chosen a moment ago (a mark moved by keys, a text not left yet) is kept before anything else happens.
    function settle() {
      const values = here && here !== review && read(here);
      if (!values) return;
      here.skipped = false;
      keep(here, values);
    }

    function leaveOut(q) {
      q.skipped = true;
      questions.ids(q).forEach((id) => { if (q.last[id] !== null) give(q, id, null); });
    }

    function give(q, id, value) {
      q.last[id] = value;
      touched.add(id);
      if (practice) return;
      if (q.meta) {
        filledInBy = value;
        if (outbox) outbox.note({ filled_in_by: value });
        return;
      }
      const answer = {
        link_id: id, value, empty: value === null ? "skipped" : null, at: new Date().toISOString(),
        language: data.language, wording: data.wording
      };
      if (q.touched && value !== null) answer.presentation = q.touched;
      early.push(answer);
      if (outbox) handOver();
      else say("saving");
    }

    function handOver() {
      outbox.note({ leads: questions.leads() });
      early.splice(0).forEach(outbox.add);
    }

    // The outbox has come: it takes what was answered until now.
    function begin(made) {
      outbox = made;
      handOver();
    }

    // The page is left before the outbox has come: what was answered goes now, under a name of its own.
    function sendEarly() {
      if (outbox || !early.length) return;
      const body = {
        assignment: data.assignment, device: "early-" + crypto.getRandomValues(new Uint32Array(4)).join("-"),
        answers: early.map((answer, seq) => Object.assign({ seq }, answer))
      };
      fetch(byId("phone").dataset.save, {
        method: "POST", credentials: "same-origin", keepalive: true, body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value }
      }).catch(() => {});
    }

    // Puts back what this phone had kept; `state` says what the server holds of the rest.
    function restore(entries, state) {
      const put = (id, value) => { if (!touched.has(id)) questions.put(id, value); };
      leads = state.leads;
      filledInBy = filledInBy || state.filled_in_by;
      entries.forEach(({ answer }) => put(answer.link_id, answer.value));
      if (filledInBy) put("filled_in_by", filledInBy);
      questions.list.forEach((q) => {
        q.received = shell && !read(q) && !q.skipped && questions.ids(q).some((id) => state.received[id]);
        questions.showTexts(q);
        if (q.draw) q.draw();
      });
      if (!here) return;
      byId("received").hidden = !here.received;
      label();
    }

    // ── moving ───────────────────────────────────────────────────────────────

    function fromAddress() {
      return location.hash === "#review" ? review : shown().find((q) => "#" + q.element.id === location.hash);
    }

    function show(target, silently) {
      settle();
      here = target;
      movedAt = performance.now();
      ask(false);
      questions.list.forEach((q) => q.element.classList.toggle("here", q === target));
      review.hidden = target !== review;
      byId("received").hidden = !target.received;
      if (target === review) lookBack();
      const address = "#" + (target === review ? "review" : target.element.id);
      if (silently) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
      document.querySelector(".language [name=back]").value = location.pathname + address;
      window.scrollTo(0, 0);
      leaveRoom();
      label();
      if (!silently || document.activeElement === document.body) focus();
    }

    function focus() { (here === review ? byId("t-review") : here.heading).focus(); }

    function isFixed(bar) { return getComputedStyle(bar).position === "fixed"; }

    // The page ends above the bar, however high what it says has made it.
    function leaveRoom() {
      const bar = document.querySelector(".nav");
      document.body.style.paddingBottom = isFixed(bar) ? bar.offsetHeight + "px" : "";
      sawEnd();
    }

    // Where text is enlarged, Next waits until the last answer was in view.
    function sawEnd() {
      if (!here || here === review || here.sawEnd) return;
      const answers = here.element.querySelector(".cards, .vas") || here.element, bar = document.querySelector(".nav");
      const bottom = isFixed(bar) ? bar.getBoundingClientRect().top : window.innerHeight;
      here.sawEnd = answers.getBoundingClientRect().bottom <= bottom + 4;
      if (here.sawEnd) label();
    }

    function label() {
      const open = here !== review && isOpen(here), button = byId("next"), end = here === review || here.meta;
      const place = here === review ? words.look : here.meta ? words.end : words.place.replace("{n}", here.number);
      byId("place").textContent = place;
      document.title = place + " – " + words.title;
      byId("bar").value = end ? byId("bar").max : here.number - 1;
      button.textContent = here === review ? (sending ? words.sending : words.send) : !here.sawEnd ? words.more
        : practice && here === shown().pop() ? words.begin : open && here.sensitive ? words.prefer : returning ? words["return"] : words.next;
      button.classList.toggle("soft", Boolean(open && here.sawEnd && here.sensitive));
      button.disabled = sending;
    }

    function next() {
      if (performance.now() - movedAt < DOUBLE_TAP) return; // the second of two taps was meant for the question before
      if (here === review) return send();
      if (!here.sawEnd) return window.scrollBy(0, window.innerHeight / 2);
      if (!isOpen(here)) return forward();
      if (!here.sensitive) return ask(true);
      leaveOut(here);
      return forward();
    }

    function forward() {
      const list = shown(), after = list[list.indexOf(here) + 1];
      if (!after && practice) return location.assign(data.after);
      show(after && !(returning && !isOpen(after)) ? after : review);
    }

    function back() {
      if (performance.now() - movedAt < DOUBLE_TAP) return;
      const list = shown(), before = here === review ? list[list.length - 1] : list[list.indexOf(here) - 1];
      if (before) show(before);
      else location.assign(data.visit);
    }

    function ask(really) {
      byId("ask").hidden = !really;
      byId("move").hidden = really;
      if (really) byId("t-ask").focus();
      leaveRoom();
    }

    // phone.js does it, once it has come.
    function changeLanguage(event) {
      const form = event.target, pressed = event.submitter || form.querySelector("button");
      event.preventDefault();
      settle();
      within(later, 4000).then((phone) => phone ? phone.changeLanguage(form, pressed.value) : say("onlineOnly"));
    }

    // ── the end ──────────────────────────────────────────────────────────────

    function lookBack() {
      const list = byId("list");
      list.textContent = "";
      returning = false;
      shown().forEach((q) => {
        const button = document.createElement("button"), name = document.createElement("span");
        Object.assign(button, { type: "button", className: "answer" });
        name.textContent = (q.number ? q.number + ". " : "") + q.brief;
        button.append(name, questions.inWords(q, words));
        button.addEventListener("click", () => { returning = true; show(q); });
        list.appendChild(button);
      });
    }

    function send() {
      sending = true;
      label();
      later.then(() => outbox.complete(filledInBy, (reply) => {
        location.replace(reply.completed_at && !reply.set_apart ? data.receipt : data.late);
      }));
    }

    // Sending was pressed and there is no network: it will be done by itself, and the page says so.
    function pending(state) {
      const title = byId("t-pending").textContent;
      byId("pending").hidden = false;
      byId("look").hidden = byId("move").hidden = true;
      byId("pending-how").textContent = words[state === "kept" ? "pendingKept" : "pendingUnkept"];
      document.title = title + " – " + words.title;
    }

    function say(state, { hour, message } = {}) {
      const line = byId("saved");
      const at = hour && words.hour.replace("{h}", hour.getHours()).replace("{m}", String(hour.getMinutes()).padStart(2, "0"));
      line.textContent = message || (words[state] || "").replace("{hour}", at);
      line.classList.toggle("ok", state === "saved");
      line.classList.toggle("trouble", state !== "saved" && state !== "saving" && state !== "kept");
      leaveRoom();
      if (sending && (state === "kept" || state === "unkept")) pending(state);
      if (sending && (state === "refused" || state === "out")) {
        sending = false;
        byId("pending").hidden = true;
        byId("look").hidden = byId("move").hidden = false;
        label();
      }
    }
  }
})();
