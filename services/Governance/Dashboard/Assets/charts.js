// The values of a chart at the pointer. They are read from the table that every chart has.

/** @type {HTMLElement | undefined} */
let tip;

function hide() {
  tip?.remove();
  tip = undefined;
  document.querySelectorAll('.cursor').forEach(c => c.setAttribute('visibility', 'hidden'));
}

document.addEventListener('pointermove', event => {
  const area = event.target instanceof Element ? event.target.closest('[data-chart] .plot-area') : null;
  const chart = area?.closest('[data-chart]');
  if (!area || !(chart instanceof HTMLElement)) {
    hide();
    return;
  }
  const rows = [...chart.querySelectorAll('tbody tr')];
  const names = [...chart.querySelectorAll('thead th')].slice(1).map(n => n.textContent ?? '');
  const box = area.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const bars = chart.querySelector('rect.fill[height]') !== null && chart.querySelector('path.line') === null;
  const at = bars ? Math.min(rows.length - 1, Math.floor(share * rows.length)) : Math.round(share * (rows.length - 1));
  const row = rows[at];
  if (!row) {
    return;
  }
  const cells = [...row.querySelectorAll('td')].map(c => c.textContent ?? '');
  const place = bars ? (at + 0.5) / rows.length : rows.length > 1 ? at / (rows.length - 1) : 0.5;
  const cursor = chart.querySelector('.cursor');
  cursor?.setAttribute('visibility', 'visible');
  cursor?.setAttribute('x1', String(place * 1000));
  cursor?.setAttribute('x2', String(place * 1000));
  if (!tip || tip.parentElement !== chart) {
    hide();
    cursor?.setAttribute('visibility', 'visible');
    tip = document.createElement('div');
    tip.className = 'chart-tip';
    chart.append(tip);
  }
  const list = document.createElement('dl');
  names.forEach((name, i) => {
    const term = document.createElement('dt');
    term.textContent = name;
    const value = document.createElement('dd');
    value.textContent = cells[i + 1] ?? '';
    list.append(term, value);
  });
  const time = document.createElement('strong');
  time.textContent = cells[0] ?? '';
  tip.replaceChildren(time, list);
  const frame = chart.getBoundingClientRect();
  const x = box.left - frame.left + place * box.width;
  const left = x + tip.offsetWidth + 16 > frame.width ? x - tip.offsetWidth - 10 : x + 10;
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${box.top - frame.top + 4}px`;
});
addEventListener('scroll', hide, true);
export {};
