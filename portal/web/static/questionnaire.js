// One question at a time, out of the one document that holds them all; no network between two questions.
(function () {
  "use strict";
  var root = document.documentElement;
  if (!window.fetch || !window.Promise || !window.crypto) return;
  root.classList.add("js");
  document.addEventListener("DOMContentLoaded", function () {
    try {
      start();
    } catch (error) {
      root.classList.remove("js"); // the long form works without us
      throw error;
    }
  });

  function byId(id) { return document.getElementById(id); }
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function make(kind, name, text) {
    var element = document.createElement(kind);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }

  function written(input) { return input.value.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ").trim(); }

  function start() {
    var form = byId("form"), words = byId("words").dataset, review = byId("review");
    var questions = all(".q").map(asQuestion);
    var here = null, returning = false, sending = false;
    var outbox = window.Outbox({
      assignment: form.dataset.assignment, csrf: form.elements.csrf_token.value,
      save: form.dataset.save, complete: form.dataset.complete, say: say
    });

    questions.forEach(function (q) {
      if (q.type === "vas") drawLine(q, answered);
      q.element.addEventListener("change", function (event) { answered(q, event.target); });
      showTexts(q);
      q.last = read(q) || {};
    });
    byId("next").addEventListener("click", next);
    byId("back").addEventListener("click", back);
    byId("leave").addEventListener("click", function () { leaveOut(here); forward(); });
    byId("answer").addEventListener("click", function () { ask(false); focus(); });
    form.addEventListener("submit", function (event) { event.preventDefault(); next(); });
    window.addEventListener("popstate", function () { show(fromAddress() || shown()[0], true); });
    var language = document.querySelector(".language");
    language.addEventListener("submit", function (event) {
      var pressed = event.submitter || language.querySelector("button");
      event.preventDefault(); // every answer first, then the other language
      outbox.flush().then(function (empty) {
        if (!empty) return;
        var choice = make("input");
        choice.type = "hidden"; choice.name = pressed.name; choice.value = pressed.value;
        language.appendChild(choice);
        language.submit();
      });
    });
    show(fromAddress() || firstOpen() || review, true);
    window.addEventListener("load", function () { // the browser follows the address to a fieldset, which takes no focus
      setTimeout(function () { if (document.activeElement === document.body) focus(); }, 0);
    });

    // ── answers ──────────────────────────────────────────────────────────────

    function asQuestion(element) {
      var data = element.dataset;
      return {
        element: element, type: data.type, code: data.code, number: data.n, brief: data.brief, when: data.when, is: data.is,
        sensitive: "sensitive" in data, skipped: "skipped" in data, heading: element.querySelector(".h"),
        boxes: all("input[type=checkbox]:not([data-none])", element), none: element.querySelector("[data-none]")
      };
    }

    // What is chosen now, by link id; null when nothing is.
    function read(q) {
      var values = {};
      if (q.type === "ticks") {
        if (!q.none.checked && !q.boxes.some(function (box) { return box.checked; })) return null;
        q.boxes.forEach(function (box) { values[box.name] = box.checked; });
        all(".write:not([hidden]) input", q.element).forEach(function (input) {
          var text = written(input);
          if (text) values[input.name] = text;
        });
        return values;
      }
      var chosen = q.element.querySelector(q.type === "vas" ? "input" : "input:checked");
      if (!chosen || chosen.value === "") return null;
      values[q.code] = /^\d+$/.test(chosen.value) ? Number(chosen.value) : chosen.value;
      return values;
    }

    function answered(q, input) {
      if (q.type === "ticks" && input && input.type === "checkbox" && input.checked) {
        if (input === q.none) q.boxes.forEach(function (box) { box.checked = false; });
        else q.none.checked = false;
      }
      showTexts(q);
      q.skipped = false;
      keep(q, read(q) || {});
      ask(false);
      label();
    }

    // Hands what is new to the outbox; what was there and is gone counts as left out.
    function keep(q, values) {
      Object.keys(q.last).forEach(function (id) {
        if (!(id in values) && q.last[id] !== null) values[id] = null;
      });
      Object.keys(values).forEach(function (id) {
        if (values[id] === q.last[id]) return;
        q.last[id] = values[id];
        give(id, values[id], q.touched);
      });
    }

    // What was chosen a moment ago (a mark moved by keys, a text not left yet) is kept before anything else happens.
    function settle() {
      var values = here && here !== review && read(here);
      if (!values) return;
      here.skipped = false;
      keep(here, values);
    }
    window.addEventListener("pagehide", settle);
    document.addEventListener("visibilitychange", settle);

    function leaveOut(q) {
      q.skipped = true;
      (q.type === "ticks" ? q.boxes.map(function (box) { return box.name; }) : [q.code]).forEach(function (id) {
        if (q.last[id] === null) return;
        q.last[id] = null;
        give(id, null);
      });
    }

    function give(id, value, touched) {
      var answer = {
        link_id: id, value: value, empty: value === null ? "skipped" : null, at: new Date().toISOString(),
        language: form.dataset.language, wording: form.dataset.wording
      };
      if (touched && value !== null) answer.presentation = touched;
      outbox.add(answer);
    }

    function showTexts(q) {
      all(".write", q.element).forEach(function (write) {
        var hidden = !form.elements[write.dataset.when].checked, opened = write.hidden && !hidden;
        write.hidden = hidden;
        if (opened) write.scrollIntoView({ block: "center" });
      });
    }

    // ── moving ───────────────────────────────────────────────────────────────

    function shown() {
      return questions.filter(function (q) {
        return !q.when || all("[name=" + q.when + "]:checked").some(function (input) { return input.value === q.is; });
      });
    }
    function isOpen(q) { return !q.skipped && !read(q); }
    function firstOpen() { return shown().filter(isOpen)[0]; }
    function fromAddress() {
      if (location.hash === "#review") return review;
      return shown().filter(function (q) { return "#" + q.element.id === location.hash; })[0];
    }

    function show(target, silently) {
      settle();
      here = target;
      ask(false);
      questions.forEach(function (q) { q.element.classList.toggle("here", q === target); });
      review.hidden = target !== review;
      if (target === review) lookBack();
      var address = "#" + (target === review ? "review" : target.element.id);
      if (silently) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
      document.querySelector(".language [name=back]").value = location.pathname + address;
      label();
      window.scrollTo(0, 0);
      if (!silently || document.activeElement === document.body) focus();
    }

    function focus() { (here === review ? byId("t-review") : here.heading).focus(); }

    function label() {
      var open = here !== review && isOpen(here), button = byId("next");
      var place = here === review ? words.look : words.place.replace("{n}", here.number);
      byId("place").textContent = place;
      document.title = place + " – " + words.title;
      byId("bar").value = here === review ? byId("bar").max : here.number - 1;
      button.textContent = here === review ? (sending ? words.sending : words.send)
        : open && here.sensitive ? words.prefer : returning ? words["return"] : words.next;
      button.classList.toggle("soft", open && here !== review && here.sensitive);
      button.disabled = sending;
    }

    function next() {
      if (here === review) return send();
      if (!isOpen(here)) return forward();
      if (here.sensitive) {
        leaveOut(here);
        return forward();
      }
      return ask(true);
    }

    function forward() {
      var list = shown(), after = list[list.indexOf(here) + 1];
      show(after && !(returning && !isOpen(after)) ? after : review);
    }

    function back() {
      var list = shown(), before = here === review ? list[list.length - 1] : list[list.indexOf(here) - 1];
      if (before) show(before);
      else location.assign(form.dataset.visit);
    }

    function ask(really) {
      byId("ask").hidden = !really;
      byId("move").hidden = really;
      if (really) byId("t-ask").focus();
    }

    // ── the end ──────────────────────────────────────────────────────────────

    function lookBack() {
      var list = byId("list");
      list.textContent = "";
      returning = false;
      shown().forEach(function (q) {
        var button = make("button", "answer");
        button.type = "button";
        button.appendChild(make("span", "", q.number + ". " + q.brief));
        button.appendChild(inWords(q));
        button.addEventListener("click", function () { returning = true; show(q); });
        list.appendChild(button);
      });
    }

    function inWords(q) {
      if (isOpen(q)) return make("em", "", words.open);
      if (q.skipped) return make("em", "", words.skipped);
      if (q.type === "vas") {
        var line = make("span", "line set"), mark = make("i");
        line.setAttribute("role", "img");
        line.setAttribute("aria-label", words.marked);
        mark.style.left = q.last[q.code] + "%";
        line.appendChild(mark);
        return line;
      }
      var chosen = all("input:checked + span", q.element).map(function (span) { return span.textContent; });
      var texts = all(".write:not([hidden]) input", q.element).map(written);
      return make("b", "", chosen.concat(texts).filter(Boolean).join(" · "));
    }

    function send() {
      sending = true;
      label();
      outbox.complete(function (reply) {
        if (reply.completed_at) return location.replace(form.dataset.receipt);
        sending = false;
        say("late");
        return label();
      });
    }

    function say(state, message) {
      var line = byId("saved");
      line.textContent = message || words[state] || "";
      line.classList.toggle("ok", state === "saved");
      line.classList.toggle("trouble", state !== "saved" && state !== "saving");
      if (state === "refused" && sending) {
        sending = false;
        label();
      }
    }

    // ── the line ─────────────────────────────────────────────────────────────

    function drawLine(q, done) {
      var line = q.element.querySelector(".line"), mark = line.appendChild(make("i")), input = q.element.querySelector("input");
      var held = false, timer = 0;
      var note = q.element.querySelector(".vas").appendChild(make("p", "hint touch", words.touch));

      function set(value, pointer) {
        value = Math.max(0, Math.min(100, Math.round(value)));
        input.value = value;
        q.touched = {
          length_px: Math.round(line.getBoundingClientRect().width), pointer: pointer,
          orientation: window.innerWidth > window.innerHeight ? "landscape" : "portrait"
        };
        draw();
      }
      function draw() {
        var empty = input.value === "";
        line.classList.toggle("set", !empty);
        note.hidden = !empty;
        line.setAttribute("aria-valuetext", empty ? words.unmarked : input.value);
        if (!empty) line.setAttribute("aria-valuenow", input.value);
        mark.style.left = (empty ? 50 : input.value) + "%";
      }
      function follow(event) {
        var box = line.getBoundingClientRect();
        set((event.clientX - box.left) / box.width * 100, event.pointerType || "mouse");
      }
      line.addEventListener("pointerdown", function (event) {
        held = true;
        try { line.setPointerCapture(event.pointerId); } catch (ignored) { /* a pointer that is gone already */ }
        follow(event);
      });
      line.addEventListener("pointermove", function (event) { if (held) follow(event); });
      ["pointerup", "pointercancel"].forEach(function (kind) {
        line.addEventListener(kind, function () {
          if (held) done(q);
          held = false;
        });
      });
      line.addEventListener("keydown", function (event) {
        var now = input.value === "" ? 50 : Number(input.value);
        var to = {
          ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
          PageDown: now - 10, PageUp: now + 10, Home: 0, End: 100
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        set(to, "keyboard");
        clearTimeout(timer);
        timer = setTimeout(function () { done(q); }, 400);
        label();
      });
      draw();
    }
  }
})();
