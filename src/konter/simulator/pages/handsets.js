/* Fetches the page again every two seconds and changes what has changed on the screens; what is typed stays. */
(function () {
  'use strict';
  var EVERY_MS = 2000;
  var said = document.getElementById('said');

  // What its reader has opened stays open.
  function reopen(old, now) {
    var opened = now ? old.querySelectorAll('details[open]') : [];
    for (var i = 0; i < opened.length; i += 1) {
      var same = now.querySelector('#' + opened[i].id);
      if (same) {
        same.setAttribute('open', '');
      }
    }
  }

  function update(fresh) {
    var live = document.querySelectorAll('[data-live]');
    for (var i = 0; i < live.length; i += 1) {
      var old = live[i];
      var now = fresh.getElementById(old.id);
      reopen(old, now);
      if (now && now.innerHTML !== old.innerHTML) {
        var newest = now.getAttribute('data-newest');
        if (newest && newest !== old.getAttribute('data-newest')) {
          said.textContent = said.getAttribute('data-fresh') + ': ' + newest;
          old.setAttribute('data-newest', newest);
        }
        old.innerHTML = now.innerHTML;
      }
    }
  }

  function look() {
    var request;
    if (document.hidden) {
      window.setTimeout(look, EVERY_MS);
      return;
    }
    request = new XMLHttpRequest();
    request.open('GET', document.body.getAttribute('data-here') || window.location.href);
    request.timeout = 10000;
    request.onloadend = function () {
      if (request.status === 200) {
        update(new DOMParser().parseFromString(request.responseText, 'text/html'));
      }
      window.setTimeout(look, EVERY_MS);
    };
    request.send();
  }

  window.setTimeout(look, EVERY_MS);
}());
