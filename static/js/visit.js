/* The visit form: what is typed stays on this phone until it was saved, quick days. The shell lets a form be sent once. ES2017; the form works plainly without it. */
(function () {
  'use strict';
  const KEPT = 'baogong-visit:';
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const NOT_KEPT = ['csrfmiddlewaretoken', 'key', 'files', 'kept'];

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function load(key) { try { return JSON.parse(localStorage.getItem(key) || 'null'); } catch (e) { return null; } }
  function drop(key) { try { localStorage.removeItem(key); } catch (e) { /* nothing was kept either */ } }
  function keys() { try { return Object.keys(localStorage).filter(function (key) { return key.indexOf(KEPT) === 0; }); } catch (e) { return []; } }
  function two(number) { return String(number).padStart(2, '0'); }

  const done = document.querySelector('[data-visit-done]');
  if (done) {
    const key = load(KEPT + 'sent');
    if (key) { drop(key.of); drop(KEPT + 'sent'); }
  }
  keys().forEach(function (key) { const kept = load(key); if (!kept || Date.now() - kept.at > WEEK_MS) { drop(key); } });

  /* quick days: data-days="3" data-for="id" */
  document.addEventListener('click', function (event) {
    const chip = event.target.closest ? event.target.closest('[data-days]') : null;
    if (!chip) { return; }
    const field = document.getElementById(chip.dataset.for);
    const day = new Date(form.dataset.today + 'T12:00:00');
    day.setDate(day.getDate() + Number(chip.dataset.days));
    field.value = day.getFullYear() + '-' + two(day.getMonth() + 1) + '-' + two(day.getDate());
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });

  const form = document.querySelector('[data-visit]');
  if (!form) { return; }
  drop(KEPT + 'sent');
  const key = KEPT + form.dataset.visit;
  const says = form.querySelector('[data-visit-kept]');

  function typed() {
    return all('input, select, textarea', form).filter(function (field) {
      const isOff = (field.type === 'checkbox' || field.type === 'radio') && !field.checked;
      return field.name && !isOff && NOT_KEPT.indexOf(field.name) < 0;
    }).map(function (field) { return [field.name, field.value]; });
  }
  function say(words) { says.textContent = words; }
  function keep() {
    const now = new Date();
    try { localStorage.setItem(key, JSON.stringify({ at: now.getTime(), fields: typed() })); } catch (e) { return; }
    say('本机已存 ' + two(now.getHours()) + ':' + two(now.getMinutes()));
  }
  function restore(kept) {
    const values = kept.fields;
    all('input[type="checkbox"]:not([name="kept"])', form).forEach(function (box) { box.checked = false; });
    values.forEach(function (pair) {
      all('[name]', form).filter(function (field) { return field.name === pair[0] && field.type !== 'hidden'; }).forEach(function (field) {
        if (field.type === 'radio' || field.type === 'checkbox') { if (field.value === pair[1]) { field.checked = true; } } else { field.value = pair[1]; }
      });
    });
    all('details', form).forEach(function (part) {
      part.open = part.open || all('input, textarea', part).some(function (field) { return /what$|^next/.test(field.name) && field.value; });
    });
    const at = new Date(kept.at);
    say('已取回 ' + (at.getMonth() + 1) + '月' + at.getDate() + '日 ' + two(at.getHours()) + ':' + two(at.getMinutes()) + ' 没写完的');
  }
  const kept = load(key);
  if (kept && !form.dataset.refused) { restore(kept); }

  let wait = null;
  function keepNow() { clearTimeout(wait); wait = null; keep(); }
  form.addEventListener('input', function () { clearTimeout(wait); wait = setTimeout(keepNow, 300); });
  window.addEventListener('pagehide', function () { if (wait) { keepNow(); } });
  form.addEventListener('submit', function (event) {
    keepNow();
    if (!navigator.onLine) {
      event.preventDefault();
      say('没有网络，写的都存在这部手机上。有网络后再按一次。');
      return;
    }
    try { localStorage.setItem(KEPT + 'sent', JSON.stringify({ at: Date.now(), of: key })); } catch (e) { /* private window */ }
  });
}());
