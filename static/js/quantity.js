/* How a typed quantity is read: the same grammar and the same verdicts as supplies/rules/quantities.py, digit by digit.
   ES2017. Amounts are decimal strings of thousandths of the base unit; nothing passes through a binary fraction. */
(function (root) {
  'use strict';
  const LONGEST = 25;
  const LARGEST_DIGITS = 13;
  const ZEROS = { '': 0, '万': 4, '亿': 8 };
  const LOOSE = ['w', 'W', 'k', 'K', '百', '千', '十', '百万', '千万', '萬', '億'];
  const LETTER = '[^\\s0-9!-\\/:-@\\[-`{-~\\u2000-\\u206f\\u3000-\\u303f\\u3200-\\u33ff\\uff00-\\uff65\\u0660-\\u0669\\u06f0-\\u06f9]';
  const TEXT = new RegExp('^ *([+-]?) *([1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\\.([0-9]+))? *([万亿]?) *((?:' +
    LETTER + '+(?:\\(' + LETTER + '+\\))?)?) *$');

  function fold(text) {
    return text.replace(/[\uff01-\uff5e]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 0xfee0); })
      .replace(/[\t\u00a0\u3000\u202f\u2007\u2009]/g, ' ').replace(/\u2212/g, '-');
  }
  function foldName(name) { return name.normalize('NFKC').replace(/\s+/g, '').toLowerCase(); }
  function trimZeros(digits) { return digits.replace(/^0+(?=.)/, ''); }

  /* -> {digits, places, scale, unit} or {code} */
  function read(text) {
    const found = text.length <= 1000 ? TEXT.exec(fold(text)) : null;
    if (!found || LOOSE.indexOf(found[5]) >= 0) { return { code: 'not_a_number' }; }
    const whole = found[2].replace(/,/g, '').replace(/^0+/, '');
    const decimals = (found[3] || '').replace(/0+$/, '');
    if (found[1] === '-') { return { code: 'negative' }; }
    if (whole.length > LONGEST) { return { code: 'too_large' }; }
    if (decimals.length > LONGEST) { return { code: 'too_many_decimals' }; }
    return { digits: trimZeros(whole + decimals || '0'), places: decimals.length, scale: found[4], unit: found[5] };
  }

  function factor(unit, units) {
    const known = units[foldName(unit)];
    if (known) { return { num: known[0], den: known[1] }; }
    return null;
  }
  function column(said, units) {
    if (!units[foldName(said)] && (said[0] === '万' || said[0] === '亿')) { return { scale: said[0], rest: said.slice(1).trim() }; }
    return { scale: '', rest: said };
  }
  /* which unit holds for a number -> {num, den, zeros} or {code} */
  function unitOf(number, units, base, chosen) {
    const said = chosen.trim();
    const col = column(said, units);
    if (number.unit) {
      const isSame = foldName(said) === foldName(number.scale + number.unit);
      if (said && !isSame && (col.scale || foldName(col.rest) !== foldName(number.unit))) { return { code: 'two_units' }; }
      const own = factor(number.unit, units);
      if (own) { return { num: own.num, den: own.den, zeros: 0 }; }
      const bare = number.unit.replace(/^[十百千]+/, '');
      return { code: bare !== number.unit && units[foldName(bare)] ? 'not_a_number' : 'unknown_unit' };
    }
    if (number.scale && col.scale) { return { code: 'two_units' }; }
    const held = factor(col.rest || base, units) || (col.rest ? null : { num: 1, den: 1 });
    return held ? { num: held.num, den: held.den, zeros: ZEROS[col.scale] } : { code: 'unknown_unit' };
  }

  function times(digits, by) {
    let carry = 0;
    let out = '';
    for (let i = digits.length - 1; i >= 0; i -= 1) {
      const product = Number(digits[i]) * by + carry;
      out = String(product % 10) + out;
      carry = Math.floor(product / 10);
    }
    return trimZeros((carry ? String(carry) : '') + out);
  }
  function over(digits, by) {
    let rest = 0;
    let out = '';
    for (let i = 0; i < digits.length; i += 1) {
      const part = rest * 10 + Number(digits[i]);
      out += String(Math.floor(part / by));
      rest = part % by;
    }
    return { whole: trimZeros(out), isExact: rest === 0 };
  }

  /* text, chosen unit, {folded unit: [num, den]}, base unit -> {amount: digits}, {code}, or null for an empty field */
  function amount(text, chosen, units, base) {
    if (!text.trim()) { return null; }
    const number = read(text);
    if (number.code) { return number; }
    const held = unitOf(number, units, base, chosen);
    if (held.code) { return held; }
    const shift = ZEROS[number.scale] + held.zeros + 3 - number.places;
    const divided = over(times(number.digits, held.num) + '0'.repeat(Math.max(shift, 0)), held.den);
    const dropped = Math.max(-shift, 0);
    const padded = divided.whole.padStart(dropped + 1, '0');
    const whole = trimZeros(padded.slice(0, padded.length - dropped));
    const lost = padded.slice(padded.length - dropped);
    if (whole.length > LARGEST_DIGITS) { return { code: 'too_large' }; }
    if (!divided.isExact || /[1-9]/.test(lost)) { return { code: 'too_many_decimals' }; }
    return { amount: whole };
  }

  function group(digits) { return digits.replace(/\B(?=([0-9]{3})+$)/g, ','); }
  /* every digit: "480,000", "434.47" */
  function full(digits) {
    const padded = digits.padStart(4, '0');
    const decimals = padded.slice(-3).replace(/0+$/, '');
    return group(padded.slice(0, -3)) + (decimals ? '.' + decimals : '');
  }
  /* a change of so many thousandths (a whole number within the exact range): "+1.4万", "−200" */
  function signed(change) {
    const size = Math.abs(change);
    return (change > 0 ? '+' : change < 0 ? '\u2212' : '') + short(size);
  }
  function rounded(size, step, places) {
    const units = Math.floor((2 * size + step) / (2 * step));
    const scale = Math.pow(10, places);
    const decimals = String(units % scale).padStart(places, '0').replace(/0+$/, '');
    return group(String(Math.floor(units / scale))) + (decimals ? '.' + decimals : '');
  }
  function short(size) {
    if (size < 1e7) { return full(String(size)); }
    const inWan = rounded(size, 1e6, 1);
    return size < 1e11 && inWan !== '10,000' ? inWan + '万' : rounded(size, 1e9, 2) + '亿';
  }

  const quantity = { amount: amount, read: read, full: full, short: short, signed: signed };
  if (typeof module === 'object' && module.exports) { module.exports = quantity; } else {
    root.Baogong = root.Baogong || {};
    root.Baogong.quantity = quantity;
  }
}(typeof window === 'object' ? window : this));
