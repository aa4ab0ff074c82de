// Keying in without a mouse: a digit ticks the box of that place, Enter goes on to the next question.
(() => {
  const questions = [...document.querySelectorAll("[data-keyed]")];
  const fields = (question) => [...question.querySelectorAll("input")];
  const boxes = (question) => fields(question).filter((field) => field.type === "checkbox" || field.type === "radio");
  const keys = document.querySelector("[data-keys]");
  if (keys) keys.hidden = false;

  for (const question of questions) {
    boxes(question).forEach((box, place) => {
      if (place > 8) return;
      const nth = document.createElement("span");
      nth.className = "nth";
      nth.setAttribute("aria-hidden", "true");
      nth.textContent = String(place + 1);
      box.before(nth);
    });
  }

  const goOn = (question) => {
    const next = questions[questions.indexOf(question) + 1];
    const target = next ? fields(next)[0] : document.querySelector(".keying > button");
    target.focus();
  };

  document.addEventListener("keydown", (event) => {
    const question = event.target.closest?.("[data-keyed]");
    if (!question || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      goOn(question);
    } else if (/^[1-9]$/.test(event.key) && event.target.type !== "text") {
      const box = boxes(question)[Number(event.key) - 1];
      if (!box) return;
      event.preventDefault();
      box.checked = box.type === "radio" || !box.checked;
      box.focus();
    }
  });
})();
