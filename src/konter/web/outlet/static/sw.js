/* Only so that a phone offers to install the page. It keeps nothing: every page is asked from the network. */
self.addEventListener('fetch', function () {
  'use strict';
});
