/* The form of a new ticket: guesses the category from the words, finds one by name. ES2017; the form works plainly without it. */
(function () {
  'use strict';
  const MOST = 3;
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  const form = document.querySelector('[data-ticket-form]');
  if (!form) { return; }
  const words = JSON.parse(document.getElementById('category-words').textContent).map(function (row) {
    return { pattern: new RegExp(row[0]), code: row[1], weight: row[2] };
  });
  const description = form.querySelector('[name=description]');
  const place = form.querySelector('[data-guesses]');
  const shown = form.querySelector('[data-chosen-category]');
  const box = form.querySelector('[data-categories]');
  const radios = all('[name=category]', form);
  let isByHand = radios.some(function (radio) { return radio.checked; });

  function chosen() { return radios.filter(function (radio) { return radio.checked; })[0]; }
  function guesses(text) {
    const found = {};
    words.forEach(function (row) {
      if (row.pattern.test(text)) { found[row.code] = (found[row.code] || 0) + row.weight; }
    });
    return Object.keys(found).sort(function (a, b) { return found[b] - found[a]; }).slice(0, MOST)
      .map(function (code) { return document.getElementById('c-' + code); }).filter(Boolean);
  }
  function showChosen() {
    const now = chosen();
    const isOffered = !!now && all('label', place).some(function (label) { return label.htmlFor === now.id; });
    shown.textContent = !now ? '请选一类' : isOffered ? '不对？看全部类别' : now.dataset.name;
    all('label', place).forEach(function (label) {
      const isOn = !!now && label.htmlFor === now.id;
      label.classList.toggle('on', isOn);
    });
  }
  function guess() {
    const likely = guesses(description.value);
    place.textContent = '';
    likely.forEach(function (radio) {
      const label = document.createElement('label');
      label.className = 'chip';
      label.htmlFor = radio.id;
      label.textContent = radio.dataset.name;
      place.appendChild(label);
    });
    place.hidden = !likely.length;
    if (!isByHand) { radios.forEach(function (radio) { radio.checked = !!likely.length && radio === likely[0]; }); }
    showChosen();
  }
  function find(text) {
    const part = text.trim().toLowerCase();
    const likely = part ? guesses(part).map(function (radio) { return radio.id; }) : [];
    all('.catgroup', box).forEach(function (group) {
      const rows = all('.catrow', group);
      rows.forEach(function (row) {
        row.hidden = !!part && row.textContent.toLowerCase().indexOf(part) < 0 && likely.indexOf(row.htmlFor) < 0;
      });
      group.hidden = rows.every(function (row) { return row.hidden; });
    });
  }
  /* what is chosen by hand stays, whatever is written afterwards */
  form.addEventListener('change', function (event) {
    if (event.target.name === 'category') {
      isByHand = true;
      showChosen();
      if (box.open) {
        box.open = false;
        shown.scrollIntoView({ block: 'nearest' });
      }
    }
    if (event.target.name === 'product') { showUnit(); }
  });
  function showUnit() {
    const picked = form.querySelector('[name=product]:checked') || form.querySelector('select[name=product]');
    const option = picked && picked.tagName === 'SELECT' ? picked.selectedOptions[0] : picked;
    form.querySelector('[data-unit-word]').textContent = option && option.dataset.unit ? '（' + option.dataset.unit + '）' : '';
  }
  /* a product that was tapped may be untapped */
  let before = null;
  form.addEventListener('pointerdown', function (event) {
    const label = event.target.closest('label.chip');
    const radio = label ? document.getElementById(label.htmlFor) : null;
    before = radio && radio.checked && (radio.name === 'product' || radio.name === 'impact_kind') ? radio : null;
  });
  form.addEventListener('click', function (event) {
    if (event.target === before) {
      before.checked = false;
      before.dispatchEvent(new Event('change', { bubbles: true }));
      before = null;
    }
  });
  function showContact() {
    form.querySelector('[data-contact]').textContent = form.querySelector('[name=contact_name]').value + ' ' + form.querySelector('[name=contact_phone]').value;
  }
  let wait = null;
  description.addEventListener('input', function () { clearTimeout(wait); wait = setTimeout(guess, 200); });
  form.querySelector('[data-category-find]').addEventListener('input', function (event) { find(event.target.value); });
  form.querySelector('[data-category-find]').addEventListener('keydown', function (event) { if (event.key === 'Enter') { event.preventDefault(); } });
  all('[name=contact_name], [name=contact_phone]', form).forEach(function (field) { field.addEventListener('input', showContact); });
  form.addEventListener('baogong:restored', function () {
    isByHand = !!chosen();
    guess();
    showUnit();
    showContact();
  });
  guess();
  showUnit();
}());
