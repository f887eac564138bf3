/* What is typed into a form and not sent yet: on this device at once, on the server when there is a network; offered again,
   on another device too. ES2017; the forms work plainly without it. */
(function () {
  'use strict';
  const KEPT = 'baogong-unsent:';
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const SAVE_MS = 1500;
  const NOT_KEPT = ['csrfmiddlewaretoken', 'expected_version', 'key', 'kept', 'without', 'source'];

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function spoken(at) {
    const moment = new Date(at);
    const clock = String(moment.getHours()).padStart(2, '0') + ':' + String(moment.getMinutes()).padStart(2, '0');
    return moment.toDateString() === new Date().toDateString() ? clock : (moment.getMonth() + 1) + '月' + moment.getDate() + '日 ' + clock;
  }
  function load(key) {
    try { return JSON.parse(localStorage.getItem(KEPT + key) || 'null'); } catch (e) { return null; }
  }
  function forget(key) {
    try { localStorage.removeItem(KEPT + key); } catch (e) { /* nothing was kept either */ }
  }
  function dropOld() {
    try {
      Object.keys(localStorage).filter(function (key) { return key.indexOf(KEPT) === 0; }).forEach(function (key) {
        const kept = load(key.slice(KEPT.length));
        if (!kept || Date.now() - kept.at > WEEK_MS) { localStorage.removeItem(key); }
      });
    } catch (e) { /* a private window keeps nothing */ }
  }
  function device() {
    try {
      let name = localStorage.getItem('baogong-device');
      if (!name) {
        name = Math.random().toString(36).slice(2) + Date.now().toString(36);
        localStorage.setItem('baogong-device', name);
      }
      return name;
    } catch (e) { return ''; }
  }
  const holder = document.getElementById('unsent');
  const onServer = holder ? JSON.parse(holder.textContent) : {};

  function fieldsOf(form) {
    return all('input, select, textarea', form).filter(function (field) {
      return field.name && field.type !== 'file' && NOT_KEPT.indexOf(field.name) < 0;
    });
  }
  function isSet(field) { return field.type !== 'checkbox' && field.type !== 'radio'; }
  function typed(form) {
    return fieldsOf(form).filter(function (field) { return isSet(field) || field.checked; })
      .map(function (field) { return [field.name, field.value]; });
  }
  function put(form, pairs) {
    const left = pairs.slice();
    fieldsOf(form).forEach(function (field) {
      const at = left.findIndex(function (pair) { return pair[0] === field.name && (isSet(field) || pair[1] === field.value); });
      if (!isSet(field)) { field.checked = at >= 0; } else if (at >= 0 && field.type !== 'hidden') { field.value = left[at][1]; }
      if (at >= 0) { left.splice(at, 1); }
    });
    form.dispatchEvent(new CustomEvent('baogong:restored', { bubbles: true }));
  }

  function begin(form) {
    const key = form.dataset.account + ':' + form.dataset.unsent;
    const line = form.querySelector('[data-kept-line]');
    const offer = form.querySelector('[data-unsent-offer]');
    const atFirst = JSON.stringify(typed(form));
    let keptAt = null;
    let isLeaving = false;
    let waitToKeep = null;
    let waitToSave = null;
    let under = null;

    function say(text) { line.hidden = false; line.textContent = text; }
    function toServer(method, body) {
      under = window.AbortController ? new AbortController() : null;
      return fetch(form.dataset.unsentAt + '?place=' + encodeURIComponent(form.dataset.unsent), {
        method: method, body: body, credentials: 'same-origin', redirect: 'error', signal: under ? under.signal : undefined,
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': form.querySelector('[name=csrfmiddlewaretoken]').value, 'X-Device': device() }
      });
    }
    function save() {
      if (isLeaving || !navigator.onLine) { return; }
      const at = keptAt;
      toServer('POST', JSON.stringify(typed(form))).then(function (answer) {
        if (answer.ok && at === keptAt) { say('没发出，已存到服务器 ' + spoken(at)); }
      }, function () { /* the device has it */ });
    }
    function keep() {
      const pairs = typed(form);
      clearTimeout(waitToSave);
      if (JSON.stringify(pairs) === atFirst && !('typed' in form.dataset)) {
        forget(key);
        line.hidden = true;
        if (keptAt || onServer[form.dataset.unsent]) { toServer('DELETE').catch(function () { /* offered again next time */ }); }
        keptAt = null;
        return;
      }
      keptAt = Date.now();
      try {
        localStorage.setItem(KEPT + key, JSON.stringify({ at: keptAt, fields: pairs }));
        say('没发出，本机已存 ' + spoken(keptAt));
      } catch (e) { /* a private window: the server has it */ }
      waitToSave = setTimeout(save, SAVE_MS);
    }
    /* the newest of what this device and the server have; another device's typing is offered, never put over this one's */
    function newest() {
      const here = load(key);
      const there = onServer[form.dataset.unsent];
      const isOther = !!there && there.device !== device();
      if (!there || (here && (!isOther || there.at <= here.at))) { return here; }
      if (isOther) { offer.querySelector('[data-unsent-where]').textContent = '您在另一台设备上'; }
      return there;
    }
    function offerKept() {
      const kept = newest();
      if (!kept || 'typed' in form.dataset || JSON.stringify(kept.fields) === atFirst) { return; }
      offer.querySelector('[data-unsent-when]').textContent = spoken(kept.at);
      offer.hidden = false;
      const folded = form.closest('details');
      if (folded) { folded.open = true; }
      offer.querySelector('[data-unsent-yes]').addEventListener('click', function () {
        put(form, kept.fields);
        offer.hidden = true;
        keep();
      });
      offer.querySelector('[data-unsent-no]').addEventListener('click', function () {
        forget(key);
        offer.hidden = true;
        toServer('DELETE').catch(function () { /* offered again next time */ });
      });
    }
    function keepSoon() { clearTimeout(waitToKeep); waitToKeep = setTimeout(keep, 300); }
    form.addEventListener('input', keepSoon);
    form.addEventListener('change', keepSoon);
    form.addEventListener('submit', function (event) {
      if (event.defaultPrevented) { return; }
      clearTimeout(waitToKeep);
      keep();
      clearTimeout(waitToSave);
      isLeaving = true;
      if (under) { under.abort(); }
    });
    window.addEventListener('pageshow', function () { isLeaving = false; });
    window.addEventListener('online', function () { if (keptAt) { save(); } });
    window.addEventListener('pagehide', function () { if (waitToKeep && !isLeaving) { keep(); } });
    if ('typed' in form.dataset) {
      keep();
      form.scrollIntoView({ block: 'center' });
    }
    offerKept();
  }

  dropOld();
  const forms = all('[data-unsent]');
  all('[data-unsent-done]').forEach(function (toast) {
    all('[data-account]').slice(0, 1).forEach(function (form) { forget(form.dataset.account + ':' + toast.dataset.unsentDone); });
  });
  forms.forEach(begin);
}());
