/* Chart defaults for ECharts 6 and the charts that pages share. Colours come from the tokens, so one theme switch recolours
   all. Tooltips are drawn in the chart itself: the content policy allows no style attributes. ES2017. */
(function () {
  'use strict';
  const Baogong = window.Baogong || {};
  const drawn = new Map();

  function token(name, el) { return getComputedStyle(el || document.documentElement).getPropertyValue(name).trim(); }

  /* 865万, 1.8亿: no trailing noughts; below one 万 groups of three */
  function fmt(value, places) {
    if (value === null || value === undefined || isNaN(value)) { return '—'; }
    function cut(size, most) {
      const parts = String(parseFloat(Math.abs(size).toFixed(most))).split('.');
      parts[0] = parts[0].replace(/\B(?=(\d{3})+(?!\d))/g, ',');
      return (size < 0 ? '−' : '') + parts.join('.');
    }
    if (Math.abs(value) >= 99999500) { return cut(value / 1e8, 2) + '亿'; }
    if (Math.abs(value) >= 1e4) { return cut(value / 1e4, places === undefined ? 1 : places) + '万'; }
    return cut(value, 3);
  }
  function base(el) {
    const ink3 = token('--bao-ink-3', el);
    return {
      animation: false,
      textStyle: { fontFamily: token('--bao-font', el) || 'sans-serif', fontSize: 12, color: ink3 },
      color: ['--bao-c1', '--bao-c2', '--bao-c3', '--bao-c4', '--bao-c5'].map(function (name) { return token(name, el); }),
      legend: { top: 0, left: 0, icon: 'roundRect', itemWidth: 14, itemHeight: 4, itemGap: 18, textStyle: { color: token('--bao-ink-2', el), fontSize: 12 } },
      grid: { left: 4, right: 14, top: 44, bottom: 6, containLabel: true },
      tooltip: {
        trigger: 'axis', renderMode: 'richText', confine: true, padding: [8, 12],
        backgroundColor: token('--bao-surface', el), borderColor: token('--bao-line-2', el), borderWidth: 1,
        textStyle: { color: token('--bao-ink', el), fontSize: 12 }, axisPointer: { lineStyle: { color: token('--bao-line-input', el) } },
        valueFormatter: function (value) { return fmt(value); }
      },
      xAxis: { type: 'category', axisTick: { show: false }, axisLine: { lineStyle: { color: token('--bao-line-2', el) } }, axisLabel: { color: ink3, hideOverlap: true } },
      yAxis: { type: 'value', splitNumber: 4, axisLabel: { color: ink3, formatter: function (value) { return fmt(value); } }, splitLine: { lineStyle: { color: token('--bao-line', el) } } }
    };
  }
  /* hatched = carried */
  function hatch(colour) {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="6"><path d="M-1 7L7-1M-1 1L1-1M5 7L7 5" stroke="' + colour + '" stroke-width="1.5"/></svg>';
    return { image: 'data:image/svg+xml,' + encodeURIComponent(svg), repeat: 'repeat', imageWidth: 6, imageHeight: 6 };
  }
  function isPlain(value) { return !!value && typeof value === 'object' && !Array.isArray(value); }
  function merge(into, from) {
    Object.keys(from).forEach(function (key) {
      if (isPlain(from[key]) && isPlain(into[key])) { merge(into[key], from[key]); } else { into[key] = from[key]; }
    });
    return into;
  }
  /* draw(element or id, function (token) -> option); redraws on theme switch and resize */
  function draw(where, make) {
    const el = typeof where === 'string' ? document.getElementById(where) : where;
    if (!el || !window.echarts) { return; }
    const before = drawn.get(el);
    if (before) { before.make = make; before.go(); return; }
    const chart = window.echarts.init(el, null, { renderer: 'svg', locale: 'ZH' });
    const entry = { make: make, chart: chart };
    entry.go = function () { chart.setOption(merge(base(el), entry.make(function (name) { return token(name, el); })), true); };
    drawn.set(el, entry);
    entry.go();
  }
  function each(act) {
    drawn.forEach(function (entry, el) {
      if (document.contains(el)) { act(entry); } else { entry.chart.dispose(); drawn.delete(el); }
    });
  }

  /* the ramp: {days: ["2020-02-03"], capacity: [], carried: [], output: [], milestones: [{day, title}]}, numbers in the base unit */
  function shortDay(day) { const part = day.split('-'); return Number(part[1]) + '/' + Number(part[2]); }
  function longDay(day) { const part = day.split('-'); return Number(part[1]) + '月' + Number(part[2]) + '日'; }
  function milestone(data, mark, isLast, t) {
    const at = data.days.indexOf(mark.day);
    const isFirst = at <= 1;
    return {
      coord: [at, data.capacity[at]],
      label: {
        show: true, position: isLast ? [-58, -36] : isFirst ? [-2, -40] : [-62, -36], align: 'left',
        formatter: '{a|' + mark.title + '}\n{b|' + longDay(mark.day) + '}',
        rich: { a: { color: t('--bao-ink'), fontWeight: 600, fontSize: 12, lineHeight: 16 }, b: { color: t('--bao-ink-3'), fontSize: 11, lineHeight: 14 } }
      }
    };
  }
  function ramp(el, data) {
    draw(el, function (t) {
      const isSmall = el.clientWidth < 520;
      const step = Math.max(1, Math.ceil(data.days.length / (isSmall ? 4 : 8)));
      const marks = (data.milestones || []).filter(function (m) { return data.days.indexOf(m.day) >= 0; });
      const shown = isSmall && marks.length > 3 ? [marks[0], marks[marks.length - 1]] : marks;
      const c1 = t('--bao-c1');
      const flat = { type: 'line', stack: 'carried', symbol: 'none', lineStyle: { width: 0 }, silent: true };
      return {
        legend: { data: [{ name: '日产能', itemStyle: { color: c1 } }, { name: '其中沿用' }, { name: '当日产量' }] },
        xAxis: { data: data.days, boundaryGap: true, axisLabel: { interval: function (i) { return i % step === 0; }, formatter: shortDay } },
        tooltip: {
          formatter: function (rows) {
            const i = rows[0].dataIndex;
            const unit = data.unit || '';
            return longDay(data.days[i]) + '\n日产能  ' + fmt(data.capacity[i]) + unit + '\n其中沿用  ' + fmt(data.carried[i]) + unit + '\n当日产量  ' + fmt(data.output[i]) + unit;
          }
        },
        series: [
          { name: '当日产量', type: 'bar', data: data.output, barCategoryGap: '28%', itemStyle: { color: t('--bao-c4'), borderRadius: [1.5, 1.5, 0, 0] } },
          merge({ name: '已报', data: data.capacity.map(function (v, i) { return v === null ? null : v - (data.carried[i] || 0); }), areaStyle: { opacity: 0 } }, flat),
          merge({ name: '其中沿用', data: data.carried, itemStyle: { color: hatch(c1) }, areaStyle: { color: hatch(c1), opacity: 1 }, z: 2 }, flat),
          {
            name: '日产能', type: 'line', data: data.capacity, symbol: 'none', lineStyle: { width: 2.4, color: c1 }, itemStyle: { color: c1 }, areaStyle: { color: t('--bao-area') }, z: 3,
            markPoint: { symbol: 'circle', symbolSize: 9, silent: true, itemStyle: { color: t('--bao-surface'), borderColor: c1, borderWidth: 2.4 }, data: shown.map(function (m) { return milestone(data, m, data.days.indexOf(m.day) > data.days.length - 4, t); }) }
          }
        ]
      };
    });
  }

  /* <div class="chart" data-chart="ramp" data-from="ID of a json_script" role="img" aria-label="the finding in words"> */
  const kinds = { ramp: ramp };
  function drawAll() {
    Array.prototype.forEach.call(document.querySelectorAll('[data-chart]'), function (el) {
      const source = document.getElementById(el.dataset.from);
      const kind = kinds[el.dataset.chart];
      if (source && kind) { kind(el, JSON.parse(source.textContent)); }
    });
  }
  document.addEventListener('DOMContentLoaded', drawAll);
  document.addEventListener('baogong:live', function () { each(function () { return null; }); drawAll(); });
  window.addEventListener('resize', function () { each(function (entry) { entry.chart.resize(); }); });
  new MutationObserver(function () { each(function (entry) { entry.go(); }); })
    .observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });

  Baogong.fmt = fmt;
  Baogong.draw = draw;
  Baogong.hatch = hatch;
  Baogong.charts = kinds;
  window.Baogong = Baogong;
}());
