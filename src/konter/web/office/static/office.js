/* What the frame does with script: print buttons, a word when the line is down, closing what a search found, and on a
   phone, where the areas are one line to scroll, showing the one that is open. */
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
  function shows_where() {
    var line = document.querySelector(".desk-areas"), here = line && line.querySelector("[aria-current]");
    if (here) { line.scrollLeft += here.getBoundingClientRect().left - line.getBoundingClientRect().left - 48; }
  }
  prints();
  shows_where();
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
