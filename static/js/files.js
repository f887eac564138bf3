/* Files of a form: chosen in several goes, shown with their size, judged before they travel. ES2017; works plainly without it. */
(function () {
  'use strict';
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function spoken(bytes) {
    return bytes >= 1048576 ? (bytes / 1048576).toFixed(1) + ' 兆' : Math.max(1, Math.round(bytes / 1024)) + ' KB';
  }
  function canCollect() {
    try { return !!new DataTransfer().items; } catch (e) { return false; }
  }

  function begin(box) {
    const input = box.querySelector('input[name=files]');
    const camera = box.querySelector('[data-camera]');
    const list = box.querySelector('[data-chosen]');
    const errors = box.querySelector('[data-file-error]');
    const most = Number(input.dataset.most);
    const largest = Number(input.dataset.largest);
    let chosen = [];

    function put() {
      const held = new DataTransfer();
      chosen.forEach(function (file) { held.items.add(file); });
      input.files = held.files;
    }
    function show() {
      list.textContent = '';
      chosen.forEach(function (file) {
        const line = document.createElement('li');
        const name = document.createElement('span');
        name.className = 'grow';
        name.textContent = file.name;
        const size = document.createElement('span');
        size.className = 'fs-12 t-3 nowrap';
        size.textContent = spoken(file.size);
        const away = document.createElement('button');
        away.type = 'button';
        away.className = 'btn btn-quiet btn-sm';
        away.textContent = '去掉';
        away.setAttribute('aria-label', '去掉 ' + file.name);
        away.addEventListener('click', function () {
          chosen = chosen.filter(function (one) { return one !== file; });
          put();
          show();
        });
        [name, size, away].forEach(function (part) { line.appendChild(part); });
        list.appendChild(line);
      });
      list.hidden = !chosen.length;
    }
    function isThere(file) {
      return chosen.some(function (one) {
        return one.name === file.name && one.size === file.size && one.lastModified === file.lastModified;
      });
    }
    function take(files) {
      const said = [];
      const kept = all('input[name=kept]:checked', box).length;
      Array.prototype.forEach.call(files, function (file) {
        if (isThere(file)) { return; }
        if (file.size > largest) { said.push('“' + file.name + '”有 ' + spoken(file.size) + '，超过 10 兆，请压缩或分开传。'); return; }
        if (/\.(heic|heif)$/i.test(file.name)) {
          said.push('“' + file.name + '”是 HEIC 格式，很多电脑打不开。请在手机相机设置里选“兼容性最佳”重拍，或截图后再传。');
          return;
        }
        if (kept + chosen.length >= most) { said.push('一次最多 ' + most + ' 个附件，“' + file.name + '”请下一次再传。'); return; }
        chosen.push(file);
      });
      errors.textContent = '';
      said.forEach(function (text) {
        const line = document.createElement('div');
        line.className = 'err';
        line.textContent = text;
        errors.appendChild(line);
      });
      put();
      show();
    }
    all('.filepick', box).forEach(function (pick) { pick.classList.add('is-scripted'); });
    input.addEventListener('change', function () { take(input.files); });
    camera.hidden = !window.matchMedia('(pointer: coarse)').matches;
    camera.querySelector('input').addEventListener('change', function (event) {
      take(event.target.files);
      event.target.value = '';
    });
    /* a browser that goes back shows the files again without saying so */
    window.addEventListener('pageshow', function () { if (input.files.length && !chosen.length) { take(input.files); } });
  }
  if (canCollect()) { all('[data-files]').forEach(begin); }
}());
