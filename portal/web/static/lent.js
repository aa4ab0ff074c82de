/* On a device that the clinic lent: leave the page when nobody has touched it for half an hour, and show no page that
   the browser kept. The server's own limit is the same; this only clears the screen. */
(function () {
  "use strict";
  var LIMIT = 30 * 60 * 1000 + 5000, touched = Date.now();
  ["pointerdown", "touchstart", "keydown", "input"].forEach(function (kind) {
    addEventListener(kind, function () { touched = Date.now(); }, true);
  });
  function look() { if (Date.now() - touched > LIMIT) location.replace("/visit"); }
  setInterval(look, 15000);
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
})();
