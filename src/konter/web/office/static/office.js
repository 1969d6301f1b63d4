/* What the frame does with script: print buttons, a word when the line is down, and closing what a search found. */
(function () {
  "use strict";
  var offline = document.getElementById("offline");
  function prints() {
    var buttons = document.querySelectorAll("[data-print]"), i;
    for (i = 0; i < buttons.length; i += 1) {
      buttons[i].hidden = false;
      buttons[i].onclick = function () { window.print(); };
    }
  }
  function down() { offline.hidden = false; }
  function up() { offline.hidden = true; }
  prints();
  document.addEventListener("htmx:afterSettle", prints);
  document.addEventListener("htmx:sendError", down);
  document.addEventListener("htmx:timeout", down);
  document.addEventListener("htmx:responseError", down);
  document.addEventListener("htmx:afterOnLoad", up);
  document.addEventListener("keydown", function (event) {
    var quick = document.getElementById("quick");
    if (quick && event.key === "Escape") { quick.textContent = ""; }
  });
}());
