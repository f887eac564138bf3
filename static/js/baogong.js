/* The shell's behaviour: theme, menus, toasts, shortcuts, drawer, live regions. ES2017; every page works plainly without it. */
(function () {
  'use strict';
  const root = document.documentElement;
  const Baogong = window.Baogong || {};

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function isTyping(target) { return !!target && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName); }

  /* --- theme ------------------------------------------------------------------------------------------------------ */
  function switchTheme() {
    const theme = root.getAttribute('data-bs-theme') === 'dark' ? 'light' : 'dark';
    root.setAttribute('data-bs-theme', theme);
    try { localStorage.setItem('baogong-theme', theme); } catch (e) { /* a private window forgets it, no harm */ }
  }

  /* --- menus: one open at a time; Esc and a press outside close ----------------------------------------------------- */
  function closeMenus(except) {
    all('details.menu[open]').forEach(function (menu) { if (!except || !menu.contains(except)) { menu.open = false; } });
  }

  /* --- toasts --------------------------------------------------------------------------------------------------------- */
  const TOAST_MS = 5000;
  function fade(toast) { setTimeout(function () { if (!toast.contains(document.activeElement)) { toast.remove(); } }, TOAST_MS); }
  /* look: '', jade, amber, coral. action: {text, href} */
  Baogong.toast = function (text, look, action) {
    const place = document.getElementById('toasts');
    if (!place) { return; }
    const toast = document.createElement('div');
    toast.className = 'notice ' + (look || '');
    const words = document.createElement('span');
    words.className = 'grow';
    words.textContent = text;
    toast.appendChild(words);
    if (action) {
      const link = document.createElement('a');
      link.href = action.href;
      link.textContent = action.text;
      toast.appendChild(link);
    }
    place.appendChild(toast);
    fade(toast);
  };

  /* --- drawer: a page that holds a .sheet opens over this one, under its own address ------------------------------------- */
  let drawer = null;
  let scrim = null;
  let opener = null;

  function behind(isInert) {
    all('body > .shell, body > .phone, body > .skip').forEach(function (part) {
      part.inert = isInert;
      if (isInert) { part.setAttribute('aria-hidden', 'true'); } else { part.removeAttribute('aria-hidden'); }
    });
  }
  function focusable(within) {
    return all('a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex="0"]', within)
      .filter(function (part) { return part.offsetParent !== null; });
  }
  function frameDrawer() {
    scrim = document.createElement('div');
    scrim.className = 'scrim';
    drawer = document.createElement('div');
    drawer.className = 'drawer';
    drawer.setAttribute('role', 'dialog');
    drawer.setAttribute('aria-modal', 'true');
    drawer.setAttribute('aria-label', '数字溯源');
    drawer.tabIndex = -1;
    document.body.appendChild(scrim);
    document.body.appendChild(drawer);
    scrim.addEventListener('click', function () { history.back(); });
    behind(true);
  }
  /* the sprite's hashed address is known to any icon of the page */
  function cross() {
    const icon = document.querySelector('svg.i').cloneNode(true);
    const use = icon.querySelector('use');
    icon.setAttribute('class', 'i');
    use.setAttribute('href', use.getAttribute('href').split('#')[0] + '#x');
    return icon;
  }
  function fillDrawer(nodes) {
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'pill sq bare drawer-x';
    close.setAttribute('aria-label', '关闭');
    close.appendChild(cross());
    close.addEventListener('click', function () { history.back(); });
    drawer.textContent = '';
    drawer.appendChild(close);
    nodes.forEach(function (node) { drawer.appendChild(node); });
    drawer.focus();
  }
  function shutDrawer() {
    if (!drawer) { return; }
    drawer.remove();
    scrim.remove();
    drawer = scrim = null;
    behind(false);
    if (opener && document.contains(opener)) { opener.focus(); }
  }
  function waiting() {
    const wait = document.createElement('div');
    wait.className = 'wait';
    wait.setAttribute('role', 'status');
    wait.textContent = '正在取这个数的来源…';
    return wait;
  }
  function loadSheet(href) {
    return fetch(href, { credentials: 'same-origin', headers: { 'X-Requested-With': 'drawer' } }).then(function (answer) {
      if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (html) {
      const sheet = new DOMParser().parseFromString(html, 'text/html').querySelector('.sheet');
      if (!sheet) { throw new Error('no sheet'); }
      return document.importNode(sheet, true);
    });
  }
  function showSheet(href, from) {
    if (!drawer) {
      opener = from || document.activeElement;
      frameDrawer();
    }
    fillDrawer([waiting()]);
    const mine = drawer;
    loadSheet(href).then(function (sheet) {
      if (drawer === mine) { fillDrawer([sheet]); }
    }, function () { location.assign(href); });
  }
  Baogong.openDrawer = function (href, from) {
    const state = { drawer: true };
    if (drawer) { history.replaceState(state, '', href); } else { history.pushState(state, '', href); }
    showSheet(href, from);
  };
  /* back closes, forward opens again; reached by reload or a shared link, the address shows its own page */
  const own = location.href.split('#')[0];
  window.addEventListener('popstate', function (event) {
    const at = location.href.split('#')[0];
    if (at === own) { shutDrawer(); } else if (event.state && event.state.drawer) { showSheet(at); } else { location.reload(); }
  });

  function keepInside(event) {
    const parts = focusable(drawer);
    if (!parts.length) { event.preventDefault(); return; }
    const first = parts[0];
    const last = parts[parts.length - 1];
    const at = document.activeElement;
    if (event.shiftKey && (at === first || at === drawer)) { last.focus(); event.preventDefault(); }
    if (!event.shiftKey && at === last) { first.focus(); event.preventDefault(); }
  }

  /* --- live regions: <main data-live-every="2" data-live-check="/…"> and any [data-live][id] --------------------------- */
  const STALE_MS = 5 * 60 * 1000;
  let lastAnswer = Date.now();
  let lastVersion = null;
  let isAsking = false;

  function isBusy(region) {
    const at = document.activeElement;
    return !!region.querySelector('details[open]') || (region.contains(at) && isTyping(at));
  }
  function refreshRegions(html) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    all('[data-live][id]').forEach(function (region) {
      const fresh = page.getElementById(region.id);
      if (!fresh || fresh.innerHTML === region.dataset.liveHtml || isBusy(region)) { return; }
      const at = region.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      region.dataset.liveHtml = '';
      region.innerHTML = fresh.innerHTML;
      if (at) {
        const again = all('a[href]', region).filter(function (link) { return link.getAttribute('href') === at; })[0];
        if (again) { again.focus(); }
      }
    });
    document.dispatchEvent(new CustomEvent('baogong:live'));
  }
  function fetchPage() {
    return fetch(own, { credentials: 'same-origin' }).then(function (answer) {
      if (answer.ok && !answer.redirected) { return answer.text().then(refreshRegions); }
      if (answer.redirected || answer.status === 403) { location.reload(); }
      return null;
    });
  }
  function askAgain(main) {
    if (document.hidden || isAsking) { return; }
    isAsking = true;
    const check = main.dataset.liveCheck;
    const asked = !check ? fetchPage() : fetch(check, { credentials: 'same-origin' }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (version) {
      const isNew = lastVersion !== null && lastVersion !== version;
      lastVersion = version;
      return isNew ? fetchPage() : null;
    });
    asked.then(function () { lastAnswer = Date.now(); }, function () { return null; }).then(function () {
      isAsking = false;
      markOld(Date.now() - lastAnswer > STALE_MS);
    });
  }
  /* nothing is hidden when updates stop; it is said, and numbers step back to the second ink */
  function markOld(isOld) {
    const main = document.getElementById('main');
    if (main) { main.classList.toggle('is-old', isOld); }
    all('.asof[data-as-of]').forEach(function (line) {
      if (!isOld && !line.classList.contains('old')) { return; }
      line.classList.toggle('old', isOld);
      const minutes = Math.round((Date.now() - lastAnswer) / 60000);
      line.textContent = isOld ? '数字停在 ' + line.dataset.asOf + '，已 ' + minutes + ' 分钟没有更新' : '截至 ' + line.dataset.asOf + ' 更新';
    });
  }

  /* --- keys and presses ---------------------------------------------------------------------------------------------------- */
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape') {
      const open = document.querySelector('details.menu[open]');
      if (open) { open.open = false; open.querySelector('summary').focus(); } else if (drawer) { history.back(); }
      return;
    }
    if (event.key === 'Tab' && drawer) { keepInside(event); return; }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || drawer) { return; }
    const spot = all('[data-hotkey]').filter(function (part) { return part.dataset.hotkey === event.key && part.offsetParent !== null; })[0];
    if (spot) { event.preventDefault(); if (isTyping(spot)) { spot.focus(); } else { spot.click(); } }
  });
  document.addEventListener('click', function (event) {
    closeMenus(event.target);
    const target = event.target.closest ? event.target : event.target.parentElement;
    if (!target || event.defaultPrevented) { return; }
    if (target.closest('[data-theme-switch]')) { switchTheme(); closeMenus(); return; }
    const more = target.closest('[data-expand]');
    if (more) { const box = more.closest('.collapse-s'); if (box) { box.classList.add('is-open'); } return; }
    const copy = target.closest('[data-copy]');
    if (copy) { copyAddress(copy); return; }
    const link = target.closest('a[data-drawer]');
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && isPlain && window.DOMParser && window.fetch) { event.preventDefault(); Baogong.openDrawer(link.href, link); }
  });
  function copyAddress(button) {
    const text = button.dataset.copy === 'address' ? location.href : button.dataset.copy;
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(function () { Baogong.toast(button.dataset.copy === 'address' ? '链接已复制' : '文字已复制', 'jade'); }, function () { Baogong.toast('没有复制成功，请从地址栏复制', 'amber'); });
    } else { Baogong.toast('请从地址栏复制链接', 'amber'); }
  }
  /* what cannot be taken back is asked about first: data-confirm on the form or on the button that sends it */
  document.addEventListener('submit', function (event) {
    const words = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (words && !event.target.dataset.sent && !window.confirm(words)) { event.preventDefault(); }
  });
  document.addEventListener('click', function (event) {
    if (event.target.closest('[data-print]')) { window.print(); }
  });
  /* a form is sent once, however often its button is pressed; back from the cache it may be sent again */
  document.addEventListener('submit', function (event) {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
  });
  window.addEventListener('pageshow', function () { all('form[data-sent]').forEach(function (form) { delete form.dataset.sent; }); });

  document.addEventListener('DOMContentLoaded', function () {
    all('[data-theme-switch]').forEach(function (button) { button.hidden = false; });
    all('[data-toast]').forEach(fade);
    const main = document.querySelector('[data-live-every]');
    if (main) { setInterval(function () { askAgain(main); }, 1000 * Number(main.dataset.liveEvery)); }
  });

  window.Baogong = Baogong;
}());
