/* The clerk's form: echo, changes, countdown, what is kept on this phone, offline. ES2017; the form works plainly without it. */
(function () {
  'use strict';
  const KEPT = 'baogong-report:';
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const SAYS = {
    not_a_number: '读不出，请写成 48万 或 480000',
    negative: '不能是负数',
    two_units: '数字里已有单位，请只留一个',
    unknown_unit: '这个单位没有登记换算',
    too_large: '数字太大，换算后要小于 100 亿',
    too_many_decimals: '换算后最多 3 位小数'
  };

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function clock(moment) {
    return String(moment.getHours()).padStart(2, '0') + ':' + String(moment.getMinutes()).padStart(2, '0');
  }

  /* --- kept on this phone ------------------------------------------------------------------------------------------- */
  function load(key) {
    try { return JSON.parse(localStorage.getItem(KEPT + key) || 'null'); } catch (e) { return null; }
  }
  function drop(key) {
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
  const done = document.querySelector('[data-done]');
  if (done) { drop(done.dataset.done); }
  const form = document.querySelector('[data-report]');
  if (!form) { return; }
  const quantity = window.Baogong.quantity;
  const key = form.dataset.draft;
  const since = form.dataset.since;
  const NOT_KEPT = ['csrfmiddlewaretoken', 'nonce', 'add_product'];

  function typed() {
    return all('input, select, textarea', form).filter(function (field) {
      const isOff = (field.type === 'checkbox' || field.type === 'radio') && !field.checked;
      return field.name && !isOff && NOT_KEPT.indexOf(field.name) < 0;
    }).map(function (field) { return [field.name, field.value]; });
  }
  function without(pairs) {
    return JSON.stringify(pairs.filter(function (pair) { return pair[0] !== 'based_on'; }));
  }
  const atFirst = without(typed());
  let kept = load(key);
  let keptAt = null;

  function keep() {
    try {
      localStorage.setItem(KEPT + key, JSON.stringify({ at: Date.now(), fields: typed() }));
    } catch (e) { return; }
    keptAt = new Date();
    const tag = document.querySelector('[data-kept]');
    tag.hidden = !navigator.onLine;
    tag.lastElementChild.textContent = '本机已存 ' + clock(keptAt);
    clearTimeout(waitToSave);
    waitToSave = setTimeout(save, SAVE_MS);
  }

  /* --- kept on the server too, for a phone may die; what cannot be sent stays on the phone ------------------------------ */
  const SAVE_MS = 1500;
  let waitToSave = null;
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
  function toServer(method, body) {
    const token = form.querySelector('[name=csrfmiddlewaretoken]').value;
    return fetch(form.dataset.draftAt, {
      method: method, body: body, credentials: 'same-origin', redirect: 'error', keepalive: method === 'POST' && body.length < 60000,
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token, 'X-Device': device() }
    });
  }
  let isLeaving = false;
  function save() {
    if (!navigator.onLine || isLeaving) { return; }
    const at = keptAt;
    toServer('POST', JSON.stringify(typed())).then(function (answer) {
      if (!answer.ok || at !== keptAt) { return; }
      document.querySelector('[data-kept]').lastElementChild.textContent = '已存到服务器 ' + clock(at);
    }, function () { /* the phone has it */ });
  }
  let waitToKeep = null;
  function keepSoon() { clearTimeout(waitToKeep); waitToKeep = setTimeout(keep, 300); }

  /* what was kept goes through the server once, so that added products and their units come back too */
  function restore() {
    const again = document.createElement('form');
    again.method = 'post';
    again.action = form.action;
    const token = form.querySelector('[name=csrfmiddlewaretoken]');
    kept.fields.concat([['verb', 'add'], ['csrfmiddlewaretoken', token.value]]).forEach(function (pair) {
      const field = document.createElement('textarea');
      field.name = pair[0];
      field.value = pair[1];
      again.appendChild(field);
    });
    again.hidden = true;
    document.body.appendChild(again);
    again.submit();
  }
  /* the newest of what this phone and the server have; another device's typing is offered, never put over this one's */
  function newest() {
    const holder = document.getElementById('server-draft');
    const there = holder ? JSON.parse(holder.textContent) : null;
    const isOther = !!there && there.device !== device();
    if (!there || (kept && (!isOther || there.at <= kept.at))) { return kept; }
    if (isOther) { form.querySelector('[data-restore-where]').textContent = '您在另一台设备上'; }
    return there;
  }
  function offerKept() {
    const offer = form.querySelector('[data-restore]');
    kept = newest();
    if (!kept || 'typed' in form.dataset || without(kept.fields) === atFirst) { return; }
    form.querySelector('[data-restore-at]').textContent = clock(new Date(kept.at));
    offer.hidden = false;
    form.querySelector('[data-restore-yes]').addEventListener('click', restore);
    form.querySelector('[data-restore-no]').addEventListener('click', function () {
      drop(key);
      offer.hidden = true;
      toServer('DELETE', '').catch(function () { /* offered again next time */ });
    });
  }

  /* --- echo and change ------------------------------------------------------------------------------------------------ */
  const factors = {};
  function unitsOf(section) {
    const id = section.dataset.factors;
    if (!factors[id]) { factors[id] = JSON.parse(document.getElementById(id).textContent); }
    return factors[id];
  }
  function judge(input, select, section) {
    return quantity.amount(input.value, select.value, unitsOf(section), section.dataset.base);
  }
  /* who types 48万 beside 万只 means one 万: the unit steps back while the text brings its own, and returns after it */
  function settleUnit(input, select, section) {
    let verdict = judge(input, select, section);
    if (verdict && verdict.code === 'two_units') {
      if (!select.dataset.was) { select.dataset.was = select.value; }
      select.value = section.dataset.base;
      verdict = judge(input, select, section);
    } else if (select.dataset.was) {
      const number = quantity.read(input.value);
      if (!number.scale && !number.unit) {
        select.value = select.dataset.was;
        delete select.dataset.was;
        verdict = judge(input, select, section);
      }
    }
    return verdict;
  }
  function show(row) {
    const section = row.closest('[data-section]');
    const input = row.querySelector('[data-figure]');
    const verdict = settleUnit(input, row.querySelector('[data-unit]'), section);
    const echo = row.querySelector('[data-echo]');
    const change = row.querySelector('[data-change]');
    const isRead = !!verdict && !verdict.code;
    const isTold = !!row.querySelector('[data-error]');
    echo.textContent = isRead ? '= ' + quantity.full(verdict.amount) + ' ' + section.dataset.base :
      verdict && !isTold ? SAYS[verdict.code] : '';
    echo.classList.toggle('t-amber', !!verdict && !!verdict.code);
    const by = isRead && row.dataset.previous ? Number(verdict.amount) - Number(row.dataset.previous) : null;
    change.textContent = by === null ? '' : by === 0 ? '同' + since : '较' + since + ' ' + quantity.signed(by);
    change.classList.toggle('chg', !!by);
    row.classList.toggle('changed', !!by);
    row.querySelector('.qin').classList.toggle('same', by === 0);
    const old = row.querySelector('[data-old]');
    if (old) { old.hidden = !!by; }
  }
  /* an edited field is judged anew: what the server said of the old text goes */
  function forget(field) {
    const row = field.closest('.frow, .lostrow, .formfield, .pb');
    if (!row || !field.hasAttribute('aria-invalid')) { return; }
    field.removeAttribute('aria-invalid');
    const box = field.closest('.qin');
    if (box) { box.classList.remove('bad'); }
    field.classList.remove('is-invalid');
    all('[data-error]', row).forEach(function (line) { line.remove(); });
  }

  /* what was changed is no longer "the same": the button says which part it speaks for */
  const same = form.querySelector('[data-same-word]');
  const sameWord = same ? same.textContent : '';
  function showSame() {
    if (!same) { return; }
    const isChanged = all('[data-row].changed', form).length > 0;
    same.textContent = isChanged ? '其余与' + since + '相同，提交' : sameWord;
  }

  function showState() {
    const chosen = form.querySelector('[name=state]:checked');
    const isHalted = !!chosen && chosen.value === 'halted';
    all('[data-made]', form).forEach(function (row) {
      row.classList.toggle('off', isHalted);
      row.querySelector('[data-figure]').disabled = isHalted;
    });
    all('[data-halted]', form).forEach(function (note) { note.hidden = !isHalted; });
    const lines = form.querySelector('[data-lines]');
    if (lines) {
      lines.hidden = isHalted;
      all('[data-line]', lines).forEach(function (line) { line.disabled = isHalted; });
    }
  }
  function showLost() {
    const box = form.querySelector('[data-lost]');
    if (!box) { return; }
    const chosen = all('[data-limit]:checked', form).map(function (one) { return one.value; });
    box.hidden = !chosen.length;
    if (chosen.length) { box.open = true; }
    all('[data-lost-of]', box).forEach(function (row) {
      const isOff = chosen.indexOf(row.dataset.lostOf) < 0;
      row.hidden = isOff;
      row.classList.toggle('d-none', isOff);
      row.querySelector('input').disabled = isOff;
    });
  }

  /* --- production lines: one tap says it, the same tap again takes it back ----------------------------------------------- */
  function showLines() {
    const says = form.querySelector('[data-lines-say]');
    if (!says) { return; }
    const chosen = all('[data-line]', form).map(function (line) {
      const radio = line.querySelector('input:checked');
      const state = radio ? radio.value : '';
      line.dataset.was = state;
      const why = line.querySelector('[data-why]');
      why.hidden = !state || state === 'running';
      why.querySelector('select').disabled = why.hidden;
      return state;
    }).filter(Boolean);
    const open = chosen.filter(function (state) { return state === 'running' || state === 'partial'; });
    says.textContent = chosen.length ? chosen.length + ' 条线，' + open.length + ' 条开' : '选填';
  }
  form.addEventListener('click', function (event) {
    if (!event.target.matches('[data-line] input[type=radio]')) { return; }
    if (event.target.closest('[data-line]').dataset.was === event.target.value) { event.target.checked = false; keepSoon(); }
    showLines();
  });

  /* --- countdown: the server's clock, whatever the phone's says -------------------------------------------------------- */
  const started = performance.now();
  function left() { return Number(form.dataset.cutOff) - Number(form.dataset.now) * 1000 - (performance.now() - started); }
  function words(ms) {
    const minutes = Math.floor(ms / 60000);
    const parts = [[Math.floor(minutes / 1440), '天'], [Math.floor(minutes / 60) % 24, '小时'], [minutes % 60, '分']]
      .filter(function (part) { return part[0] > 0; }).slice(0, 2);
    return parts.length ? parts.map(function (part) { return part.join(' '); }).join(' ') : '不到 1 分';
  }
  function tick() {
    if (!form.dataset.cutOff) { return; }
    const ms = left();
    const bar = form.querySelector('[data-time]');
    if (ms > 0) {
      form.querySelector('[data-countdown] b').textContent = words(ms);
      bar.setAttribute('width', Math.min(100, 100 - 100 * ms / 86400000).toFixed(1) + '%');
    } else if (!form.dataset.basedOn) {
      form.querySelector('[data-countdown]').innerHTML = '截止时间已过<b>记为迟报</b>';
      bar.setAttribute('width', '100%');
    }
  }

  /* --- network --------------------------------------------------------------------------------------------------------- */
  const button = form.querySelector('[data-submit]');
  const verb = button.textContent;
  /* a press without network waits here, and goes by itself as soon as the server is there again; the nonce of the page
     is its key, so that a doubled sending makes one revision */
  let isWaiting = null;
  const ASK_AGAIN_MS = 4000;
  function showWaiting() {
    all('[data-if-waiting]', form).forEach(function (text) { text.hidden = !isWaiting; });
    all('[data-unless-waiting]', form).forEach(function (text) { text.hidden = !!isWaiting; });
  }
  function sendWaiting() {
    if (!isWaiting) { return; }
    const pressed = isWaiting;
    ask().then(function (isThere) {
      if (!isThere || isWaiting !== pressed) { return; }
      showNetwork(false);
      isSure = true;
      if (form.requestSubmit) { form.requestSubmit(pressed); } else { pressed.click(); }
    });
  }
  setInterval(sendWaiting, ASK_AGAIN_MS);
  const recall = form.querySelector('[data-recall]');
  if (recall) { recall.addEventListener('click', function () { isWaiting = null; showWaiting(); }); }
  function showNetwork(isOff) {
    form.querySelector('[data-offline]').hidden = !isOff;
    form.querySelector('[data-waiting]').hidden = !isOff;
    if (!isOff) { isWaiting = null; }
    showWaiting();
    document.querySelector('[data-offline-tag]').hidden = !isOff;
    form.querySelector('[data-bar]').classList.toggle('waiting', isOff);
    button.textContent = isOff ? '等待网络…' : verb;
    if (isOff) {
      document.querySelector('[data-kept]').hidden = true;
      keep();
      form.querySelector('[data-kept-at]').textContent = keptAt ? '（' + clock(keptAt) + '）' : '';
    }
  }
  /* some phones say "offline" wrongly: a press asks the server itself before it gives up */
  function ask() {
    return fetch('/healthz', { cache: 'no-store', credentials: 'omit' }).then(function (answer) { return answer.ok; }, function () { return false; });
  }
  let isSure = false;
  form.addEventListener('submit', function (event) {
    keep();
    if (navigator.onLine || isSure) {
      isLeaving = true;
      clearTimeout(waitToSave);
      if (!form.dataset.sent) { setTimeout(function () { button.textContent = '正在提交…'; }, 0); }
      return;
    }
    event.preventDefault();
    const pressed = event.submitter;
    ask().then(function (isThere) {
      showNetwork(!isThere);
      if (isThere) { isSure = true; form.requestSubmit(pressed || undefined); return; }
      isWaiting = pressed || button;
      showWaiting();
      form.querySelector('[data-offline]').scrollIntoView({ block: 'center' });
    });
  });
  window.addEventListener('offline', function () { showNetwork(true); });
  window.addEventListener('online', function () {
    if (keptAt) { save(); }
    if (isWaiting) { sendWaiting(); } else { showNetwork(false); }
  });
  window.addEventListener('pageshow', function () {
    isLeaving = false;
    if (navigator.onLine) { button.textContent = verb; }
  });

  /* --- clearing, and taking it back -------------------------------------------------------------------------------------- */
  const clear = form.querySelector('[data-clear]');
  let cleared = null;
  function clearOrUndo(event) {
    event.preventDefault();
    const figures = all('[data-figure]', form);
    if (cleared) {
      figures.forEach(function (field, at) { field.value = cleared[at]; });
      cleared = null;
    } else {
      cleared = figures.map(function (field) { return field.value; });
      figures.forEach(function (field) { field.value = ''; });
    }
    clear.textContent = cleared ? '恢复' : '清空重填';
    all('[data-row]', form).forEach(show);
    keepSoon();
  }

  /* --- begin ----------------------------------------------------------------------------------------------------------- */
  function focusFirst() {
    const clash = document.querySelector('[data-conflict]');
    if (clash) { clash.focus(); return; }
    const first = form.querySelector('[data-error], [data-held]');
    if (!first) { return; }
    const folded = first.closest('details');
    if (folded) { folded.open = true; }
    const row = first.closest('.frow, .lostrow, .formfield, .pb, fieldset');
    const field = row.querySelector('[aria-invalid], .is-invalid, input, textarea') || row;
    field.scrollIntoView({ block: 'center' });
    field.focus({ preventScroll: true });
  }
  form.addEventListener('input', function (event) {
    const row = event.target.closest('[data-row]');
    forget(event.target);
    if (row) {
      const select = row.querySelector('[data-unit]');
      if (event.target === select) { delete select.dataset.was; }
      show(row);
      showSame();
    }
    if (event.target.name === 'state') { showState(); }
    if (event.target.name === 'limit') { showLost(); }
    keepSoon();
  });
  /* a figure is replaced, not edited: one tap selects it */
  form.addEventListener('focusin', function (event) { if (event.target.matches('[data-figure]')) { event.target.select(); } });
  if (clear) { clear.addEventListener('click', clearOrUndo); }
  dropOld();
  all('[data-row]', form).forEach(show);
  showState();
  showLost();
  showLines();
  tick();
  setInterval(tick, 10000);
  if ('typed' in form.dataset) { keep(); }
  offerKept();
  focusFirst();
  if (!navigator.onLine) { showNetwork(true); }
}());
