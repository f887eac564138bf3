/* Sets the theme before the first paint. Light is the default; a choice is kept in this browser. */
(function () {
  'use strict';
  var theme = null;
  try { theme = localStorage.getItem('baogong-theme'); } catch (e) { theme = null; }
  if (theme === 'dark' || theme === 'light') { document.documentElement.setAttribute('data-bs-theme', theme); }
}());
