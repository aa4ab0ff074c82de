// The questions as they stand in the document: what is chosen, what is shown, what was left out.
(function () {
  "use strict";
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const written = (input) => input.value.replace(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/gu, " ").trim();

  // `leads()` gives the conditional questions that answers lead to which this phone has wiped already.
  window.Questions = function (leads) {
    const list = all(".q").map(asQuestion);

    function asQuestion(element) {
      const { type, code, n, brief, when, is } = element.dataset;
      return {
        element, type, code, number: n, brief, when, is, heading: element.querySelector(".h"),
        meta: "meta" in element.dataset, // about the questionnaire, not one of its items
        sensitive: "sensitive" in element.dataset, skipped: "skipped" in element.dataset, received: false, last: {},
        boxes: all("input[type=checkbox]:not([data-none])", element), none: element.querySelector("[data-none]")
      };
    }

    // What is chosen now, by link id; null when nothing is.
    function read(q) {
      const values = {};
      if (q.type === "ticks") {
        if (!q.none.checked && !q.boxes.some((box) => box.checked)) return null;
        q.boxes.forEach((box) => { values[box.name] = box.checked; });
        all(".write:not([hidden]) input", q.element).forEach((input) => {
          const text = written(input);
          if (text) values[input.name] = text;
        });
        return values;
      }
      const chosen = q.element.querySelector(q.type === "vas" ? "input" : "input:checked");
      if (!chosen || chosen.value === "") return null;
      values[q.code] = /^\d+$/.test(chosen.value) ? Number(chosen.value) : chosen.value;
      return values;
    }

    // Puts an answer into the document; null = left out.
    function put(id, value) {
      const inputs = all("[name=" + id + "]"), q = list.find((each) => each.element.contains(inputs[0]));
      if (!q) return;
      q.last[id] = value;
      if (!inputs[0].closest(".write")) q.skipped = value === null; // a text that was taken back leaves the boxes
      inputs.forEach((input) => {
        if (input.type === "radio") input.checked = input.value === String(value);
        else if (input.type === "checkbox") input.checked = value === true;
        else input.value = value === null ? "" : value;
      });
      if (q.none) q.none.checked = q.boxes.every((box) => q.last[box.name] === false);
    }

    // "None of these" and the boxes exclude each other.
    function exclude(q, input) {
      if (q.type !== "ticks" || input.type !== "checkbox" || !input.checked) return;
      if (input === q.none) q.boxes.forEach((box) => { box.checked = false; });
      else q.none.checked = false;
    }

    function showTexts(q, mayScroll) {
      all(".write", q.element).forEach((write) => {
        const hidden = !all("[name=" + write.dataset.when + "]")[0].checked, opened = write.hidden && !hidden;
        write.hidden = hidden;
        if (opened && mayScroll) write.scrollIntoView({ block: "center" });
      });
    }

    function isShown(q) {
      if (!q.when) return true;
      const chosen = all("[name=" + q.when + "]:checked")[0];
      return chosen ? chosen.value === q.is : leads().indexOf(q.code) >= 0;
    }

    // What was answered, as an element for the look back.
    function inWords(q, words) {
      const make = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
      if (q.received) return make("em", words.received);
      if (isOpen(q)) return make("em", words.open);
      if (q.skipped) return make("em", words.skipped);
      if (q.type === "vas") {
        const line = make("span", ""), mark = line.appendChild(make("i", ""));
        line.className = "line set";
        line.setAttribute("role", "img");
        line.setAttribute("aria-label", words.marked);
        mark.style.left = q.last[q.code] + "%";
        return line;
      }
      const chosen = all("input:checked + span", q.element).map((span) => span.textContent);
      const texts = all(".write:not([hidden]) input", q.element).map(written);
      return make("b", chosen.concat(texts).filter(Boolean).join(" · "));
    }

    const isOpen = (q) => !q.skipped && !q.received && !read(q);
    return {
      list, read, put, exclude, showTexts, inWords, isOpen,
      ids: (q) => q.type === "ticks" ? q.boxes.map((box) => box.name) : [q.code],
      shown: () => list.filter(isShown),
      leads: () => list.filter((q) => q.when && isShown(q)).map((q) => q.code)
    };
  };
})();
