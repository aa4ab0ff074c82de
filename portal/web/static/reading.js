// Keys on a summary: whatever says aria-keyshortcuts answers to its letter, unless the reader switched them off.
(() => {
  const PLACE = "previsit-keys";
  const help = document.querySelector(".keys");
  const switches = help.querySelectorAll("button");

  const isOff = () => {
    try {
      return localStorage.getItem(PLACE) === "off";
    } catch {
      return false; // a browser that keeps nothing
    }
  };
  const show = () => {
    help.hidden = false;
    switches.forEach((each) => {
      each.hidden = (each.value === "off") === isOff();
    });
  };

  help.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    try {
      localStorage.setItem(PLACE, chosen.value);
    } catch {
      return;
    }
    show();
    [...switches].find((each) => !each.hidden).focus();
  });

  document.addEventListener("keydown", (event) => {
    if (isOff() || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const wanted = CSS.escape(event.key.toLowerCase());
    const found = document.querySelector(`[aria-keyshortcuts="${wanted}"]`);
    if (!found) return;
    event.preventDefault();
    found.click();
    if (found.hash) document.querySelector(`${found.hash} input:not([type=hidden])`)?.focus();
  });

  show();
})();
