// The line of a visual analogue scale: plain, unmarked until touched, without numbers; a finger, keys and screen readers.
(function () {
  "use strict";

  // Draws the line of question `q`; calls changed(q) on each new place of the mark and done(q) once it rests.
  window.drawLine = function (q, words, changed, done) {
    const vas = q.element.querySelector(".vas"), line = vas.querySelector(".line"), input = q.element.querySelector("input");
    const range = line.appendChild(document.createElement("input"));
    const mark = line.appendChild(document.createElement("i"));
    const note = vas.appendChild(document.createElement("p"));
    let held = false, timer = 0;
    // The browser's own slider takes keys and screen readers; nobody sees it, and nothing of it is posted.
    Object.assign(range, { type: "range", min: 0, max: 100, step: 1, className: "range" });
    range.setAttribute("aria-labelledby", q.heading.id);
    range.setAttribute("aria-describedby", vas.querySelector(".ends").id);
    note.className = "hint touch";
    note.textContent = words.touch;

    function set(value, pointer) {
      input.value = Math.max(0, Math.min(100, Math.round(value)));
      q.touched = {
        length_px: Math.round(line.getBoundingClientRect().width), pointer,
        orientation: window.innerWidth > window.innerHeight ? "landscape" : "portrait"
      };
      draw();
      changed(q);
    }
    function draw() {
      const empty = input.value === "";
      line.classList.toggle("set", !empty);
      note.hidden = !empty;
      range.value = empty ? 50 : input.value;
      range.setAttribute("aria-valuetext", empty ? words.unmarked : input.value);
      mark.style.left = range.value + "%";
    }
    function follow(event) {
      const box = line.getBoundingClientRect();
      set((event.clientX - box.left) / box.width * 100, event.pointerType || "mouse");
    }
    line.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      held = true;
      try { line.setPointerCapture(event.pointerId); } catch (ignored) { /* a pointer that is gone already */ }
      follow(event);
      event.preventDefault();
      if (event.pointerType !== "touch") range.focus({ preventScroll: true }); // whoever has a mouse has arrows, too
    });
    line.addEventListener("pointermove", (event) => { if (held) follow(event); });
    ["pointerup", "pointercancel"].forEach((kind) => line.addEventListener(kind, () => {
      if (held) done(q);
      held = false;
    }));
    range.addEventListener("input", (event) => {
      event.stopPropagation();
      set(Number(range.value), "keyboard");
      clearTimeout(timer);
      timer = setTimeout(() => done(q), 400);
    });
    range.addEventListener("change", (event) => event.stopPropagation());
    q.draw = draw; // after its value came from elsewhere
    draw();
  };
})();
