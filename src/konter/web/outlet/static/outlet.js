/* Everything works without this file. ES5 for Chrome 30: it only saves taps. */
(function () {
  'use strict';
  var doc = document;

  function each(selector, work) {
    var found = doc.querySelectorAll(selector), i;
    for (i = 0; i < found.length; i += 1) { work(found[i]); }
  }

  /* A double tap sends one request; the hidden client_ref makes even two of them one sale. */
  each('form[data-wait]', function (form) {
    form.addEventListener('submit', function () {
      var button = form.querySelector('button:not([type=button])');
      setTimeout(function () {
        button.setAttribute('data-text', button.textContent);
        button.textContent = form.getAttribute('data-wait');
        button.disabled = true;
      }, 0);
    });
  });
  window.addEventListener('pageshow', function () {
    each('button[data-text]', function (button) {
      button.textContent = button.getAttribute('data-text');
      button.disabled = false;
    });
  });

  /* Copy by selecting a read-only field, which every browser here can; where the command fails the text stays selected. */
  function fieldOf(button) {
    var field = doc.getElementById(button.getAttribute('data-field'));
    if (!field) {
      field = doc.createElement('input');
      field.readOnly = true;
      field.value = button.getAttribute('data-copy');
      field.setAttribute('aria-label', field.value);
      button.parentNode.insertBefore(field, button);
    }
    return field;
  }

  each('[data-copy]', function (button) {
    button.hidden = false;
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', function () {
      var field = fieldOf(button), copied = false;
      field.focus();
      field.setSelectionRange(0, field.value.length);
      try { copied = doc.execCommand('copy'); } catch (e) { copied = false; }
      button.textContent = button.getAttribute(copied ? 'data-done' : 'data-by-hand');
      if (copied) { button.focus(); }
      if (copied && !field.id) { field.parentNode.removeChild(field); }
    });
  });

  each('[data-share]', function (link) {
    var share = navigator.share;
    if (share) {
      link.addEventListener('click', function (event) {
        event.preventDefault();
        share.call(navigator, { text: link.getAttribute('data-text'), url: link.getAttribute('data-share') })
          .then(null, function () { return null; });
      });
    }
  });

  each('[data-print]', function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  /* The address keeps the client_ref, so that Back and reload come to the same sale and not to a new one. */
  each('[data-ref]', function (form) {
    var here = location.search;
    if (history.replaceState && here && here.indexOf('ref=') < 0) {
      history.replaceState(null, '', location.pathname + here + '&ref=' + form.getAttribute('data-ref'));
    }
  });

  /* Where the phone is, asked for by a tap and sent once, to a tenth of a kilometre. Nothing is asked before the tap. */
  each('[data-position]', function (form) {
    var place = navigator.geolocation;
    if (!place) { return; }
    form.hidden = false;
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      place.getCurrentPosition(function (found) {
        form.elements.lat.value = found.coords.latitude.toFixed(3);
        form.elements.lon.value = found.coords.longitude.toFixed(3);
        form.submit();
      }, function () {
        form.querySelector('[role]').textContent = form.getAttribute('data-position');
      }, { timeout: 15000, maximumAge: 300000 });
    });
  });

  each('[data-reload]', function (part) {
    setTimeout(function () { location.reload(); }, part.getAttribute('data-reload') * 1000);
  });

  /* Seconds that are left; the page knows how many there were, whatever the phone's own clock says. */
  each('[data-left]', function (part) {
    var left = Number(part.getAttribute('data-left')), begun = Date.now(), timer;
    function show() {
      var now = Math.max(0, left - Math.round((Date.now() - begun) / 1000));
      part.textContent = part.getAttribute('data-text').replace('0', String(now));
      if (!now) { clearInterval(timer); location.reload(); }
    }
    timer = setInterval(show, 1000);
    show();
  });

  /* Where the phone is, only when the button is pressed; every form goes without it too. */
  each('[data-position]', function (part) {
    var button = part.querySelector('button'), field = part.querySelector('input');
    if (!navigator.geolocation) { return; }
    part.hidden = false;
    button.addEventListener('click', function () {
      button.disabled = true;
      button.textContent = part.getAttribute('data-wait');
      navigator.geolocation.getCurrentPosition(function (at) {
        field.value = at.coords.latitude.toFixed(6) + ',' + at.coords.longitude.toFixed(6);
        button.textContent = part.getAttribute('data-done');
      }, function () {
        button.disabled = false;
        button.textContent = part.getAttribute('data-failed');
      }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
    });
  });

  if (navigator.serviceWorker) {
    navigator.serviceWorker.register('/outlet/sw.js', { scope: '/outlet' });
  }
}());
