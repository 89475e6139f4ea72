// A map page: what the JSON beside this script says, drawn with Leaflet in metres of the
// project's own coordinate system. Texts go in as text, never as markup.
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var w = data.words;
  var byId = function (id) { return document.getElementById(id); };
  var last = data.layers.length - 1;
  var home = data.layers[last].origin_m;
  var LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef';
  var LOWEST_C = -100, PER_K = 50, BESIDE_M = 1e5;

  function make(tag, name, text) {
    var element = document.createElement(tag);
    if (name) { element.className = name; }
    if (text !== undefined) { element.textContent = text; }
    return element;
  }
  function put(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, key) { return values[key]; });
  }
  // English as the sheets print it, whatever the region.
  var locale = data.language.indexOf('en') === 0 ? 'en-GB' : data.language;
  function number(value, decimals) {
    var format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return format.format(value).replace('-', '\u2212').replace(/^\u2212(0[.,]?0*)$/, '$1');
  }

  // ---- packed cells ------------------------------------------------------------------------
  function bytes(text) {
    var five = new Int8Array(128).fill(-1);
    for (var i = 0; i < 32; i++) { five[LETTERS.charCodeAt(i)] = i; }
    var out = new Uint8Array(Math.floor(text.length * 5 / 8));
    var held = 0, bits = 0, at = 0;
    for (i = 0; i < text.length; i++) {
      held = (held << 5) | five[text.charCodeAt(i)];
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        out[at++] = held >> bits;
        held &= (1 << bits) - 1;
      }
    }
    return out;
  }
  function inflate(packed) {
    var stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).arrayBuffer().then(function (b) { return new Uint8Array(b); });
  }
  function unpack(tile) {
    return inflate(bytes(tile.packed)).then(function (plain) {
      var cells = tile.width * tile.height, steps = new Uint16Array(cells), left = 0, above = 0;
      for (var i = 0; i < cells; i++) {
        var first = i % tile.width === 0;
        var step = ((plain[i] << 8 | plain[cells + i]) + (first ? above : left)) & 0xFFFF;
        if (first) { above = step; }
        left = step;
        steps[i] = step;
      }
      return steps;
    });
  }
  var table = data.scale_c ? bytes(data.palette) : null;
  function celsius(step) { return (step - 1) / PER_K + LOWEST_C; }
  function paint(tile, steps) {
    var canvas = document.createElement('canvas');
    canvas.width = tile.width;
    canvas.height = tile.height;
    var context = canvas.getContext('2d'), image = context.createImageData(tile.width, tile.height);
    var low = data.scale_c[0], span = data.scale_c[1] - low;
    for (var i = 0; i < steps.length; i++) {
      if (!steps[i]) { continue; }
      var at = Math.round((celsius(steps[i]) - low) / span * 255);
      at = 3 * Math.max(0, Math.min(255, at));
      image.data[4 * i] = table[at];
      image.data[4 * i + 1] = table[at + 1];
      image.data[4 * i + 2] = table[at + 2];
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  // ---- places ------------------------------------------------------------------------------
  function latLng(layer, point) {
    return [point[1] + layer.origin_m[1] - home[1], point[0] + layer.origin_m[0] - home[0]];
  }
  function rings(layer, shape) {
    return shape.map(function (polygon) {
      return polygon.map(function (ring) { return ring.map(function (p) { return latLng(layer, p); }); });
    });
  }
  function within(ring, x, y) {
    var inside = false;
    for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      var a = ring[i], b = ring[j];
      if ((a[1] > y) !== (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]) { inside = !inside; }
    }
    return inside;
  }
  function holds(shape, x, y) {
    return shape.some(function (polygon) {
      return polygon.reduce(function (odd, ring) { return within(ring, x, y) ? !odd : odd; }, false);
    });
  }

  // ---- the map -----------------------------------------------------------------------------
  var map = L.map('map', {
    crs: L.CRS.Simple, zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 1,
    wheelPxPerZoomLevel: 90, minZoom: -6, maxZoom: 7, keyboardPanDelta: 60, maxBoundsViscosity: 0.6
  });
  byId('map').setAttribute('aria-label', w.map);
  [['under', 310], ['raster', 320], ['cover', 330], ['others', 340], ['fill', 350], ['line', 360], ['object', 370]]
    .forEach(function (pane) {
      map.createPane(pane[0]).style.zIndex = pane[1];
      map.getPane(pane[0]).style.pointerEvents = 'none';
    });
  var renderers = {};
  function drawn(pane, layer, shape, style) {
    renderers[pane] = renderers[pane] || L.svg({ pane: pane, padding: 0.3 });
    var options = { pane: pane, renderer: renderers[pane], interactive: false, smoothFactor: 0.5, lineJoin: 'miter' };
    return L.polygon(rings(layer, shape), Object.assign(options, style));
  }
  var zoom = L.control.zoom({ position: 'topright', zoomInTitle: w.zoom_in, zoomOutTitle: w.zoom_out }).addTo(map);
  var whole = make('a', 'leaflet-control-whole');
  whole.href = '#';
  whole.title = w.whole;
  whole.setAttribute('role', 'button');
  whole.setAttribute('aria-label', w.whole);
  whole.appendChild(icon('M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4'));
  zoom.getContainer().appendChild(whole);
  L.DomEvent.on(whole, 'click', function (event) { L.DomEvent.stop(event); fit(); });
  L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 110 }).addTo(map);

  function svgElement(tag, attributes) {
    var element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    return element;
  }
  function icon(path) {
    var svg = svgElement('svg', { viewBox: '0 0 18 18', 'aria-hidden': 'true' });
    svg.appendChild(svgElement('path', { d: path, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8 }));
    return svg;
  }

  var colours = {};
  data.classes.forEach(function (row) { if (row.class) { colours[row.class] = row.colour; } });
  // A roof that shares its class alone must not look as if these were temperatures.
  Object.keys(colours).forEach(function (value) {
    var pattern = svgElement('pattern', { id: 'class-' + value, patternUnits: 'userSpaceOnUse', width: 9, height: 9, patternTransform: 'rotate(45)' });
    pattern.appendChild(svgElement('rect', { width: 9, height: 9, fill: colours[value] }));
    pattern.appendChild(svgElement('rect', { width: 1.6, height: 9, fill: '#FFFFFF', 'fill-opacity': 0.55 }));
    document.querySelector('.defs defs').appendChild(pattern);
  });
  var words = {};
  data.classes.forEach(function (row) { words[row.class] = row.word; });
  function chip(text, value) {
    var element = make('span', 'chip', text);
    if (value) {
      element.style.background = colours[value];
      element.classList.add(value < 5 ? 'light' : 'dark');
    } else {
      element.classList.add('none');
    }
    return element;
  }
  function disc(spot) {
    var name = 'disc' + (spot.explained ? ' explained' : '') + (spot.number ? '' : ' small');
    return make('span', name, spot.number ? String(spot.number) : '');
  }

  // ---- layers of a flight ------------------------------------------------------------------
  var groups = {};
  ['temperature', 'classes', 'outlines', 'spots', 'others'].forEach(function (key) { groups[key] = L.layerGroup(); });
  // Class colours of roofs with temperatures: never mixed with these, only in their place.
  var instead = L.layerGroup();
  var current = null, grids = [], flags = [], turn = 0, extent = L.latLngBounds([]);
  var visible = { temperature: true, classes: true, outlines: true, spots: true, others: true };

  function show(index) {
    current = data.layers[index];
    var mine = ++turn;
    Object.keys(groups).forEach(function (key) { groups[key].clearLayers(); });
    instead.clearLayers();
    grids = [];
    flags = [];
    map.closePopup();
    var layer = current;
    var frames = [];
    layer.others.forEach(function (shape) {
      var style = data.variant === 'public'
        ? { fillColor: '#D3D7DD', fillOpacity: 1, color: '#667080', weight: 1 }
        : { fillColor: '#C6CBD2', fillOpacity: 1, stroke: false };
      drawn('others', layer, shape, style).addTo(groups[data.variant === 'public' ? 'outlines' : 'others']);
    });
    layer.roofs.forEach(function (roof) {
      var thermal = roof.look === 'thermal';
      var fill = roof.class && roof.look !== 'hatched' ? colours[roof.class] : null;
      if (fill) {
        drawn(thermal ? 'under' : 'fill', layer, roof.shape, { fillColor: thermal ? fill : 'url(#class-' + roof.class + ')', fillOpacity: 1, stroke: false }).addTo(thermal ? instead : groups.classes);
      }
      if (roof.look === 'hatched') {
        drawn('fill', layer, roof.shape, { fillColor: 'url(#hatch)', fillOpacity: 1, stroke: false }).addTo(groups.outlines);
      }
      roof.masked.forEach(function (shape) {
        drawn('fill', layer, shape, { fillColor: 'url(#dense)', fillOpacity: 1, stroke: false }).addTo(groups.outlines);
      });
      drawn('line', layer, roof.shape, { fill: false, color: '#FFFFFF', weight: 3.6 }).addTo(groups.outlines);
      drawn('line', layer, roof.shape, { fill: false, color: '#14181F', weight: 1.4 }).addTo(groups.outlines);
      var body = make('div', 'flag');
      body.appendChild(chip(roof.chip || '–', roof.class));
      var flag = L.marker(latLng(layer, roof.at), {
        icon: L.divIcon({ html: body, iconSize: [52, 24], className: 'flag-icon' }), keyboard: false, interactive: false
      });
      var frame = L.polygon(rings(layer, roof.shape)).getBounds();
      frames.push(frame);
      flags.push({ marker: flag, box: frame, width: 34, height: 22 });
      flag.addTo(groups.classes);
    });
    layer.spots.forEach(function (spot) {
      spot.shapes.forEach(function (shape) {
        drawn('object', layer, shape, { fill: false, color: '#FFFFFF', weight: 3 }).addTo(groups.spots);
        drawn('object', layer, shape, { fill: false, color: '#14181F', weight: 1.2 }).addTo(groups.spots);
      });
      var body = make('div', 'spot');
      body.appendChild(disc(spot));
      var size = spot.number ? 24 : 14;
      var marker = L.marker(latLng(layer, spot.at), {
        icon: L.divIcon({ html: body, iconSize: [size, size], className: 'spot-icon' }),
        keyboard: false, title: spot.nature, zIndexOffset: 500
      }).on('click', function () { open(spot, latLng(layer, spot.at)); }).addTo(groups.spots);
      var least = spot.number ? 40 : 70;
      if (frames[spot.roof]) { flags.push({ marker: marker, box: frames[spot.roof], width: least, height: least }); }
    });
    thinOut();
    heading(index);
    list();
    readout(null);
    return cells(layer, mine);
  }

  function cells(layer, mine) {
    var place = layer.cells;
    if (!place || !data.scale_c) { return Promise.resolve(); }
    if (typeof DecompressionStream === 'undefined') {
      byId('where').textContent = w.too_old;
      return Promise.resolve();
    }
    var far = [[-BESIDE_M, -BESIDE_M], [-BESIDE_M, BESIDE_M], [BESIDE_M, BESIDE_M], [BESIDE_M, -BESIDE_M]];
    var holes = rings(layer, place.cover).reduce(function (all, polygon) { return all.concat(polygon); }, []);
    renderers.cover = renderers.cover || L.svg({ pane: 'cover', padding: 0.3 });
    L.polygon([far].concat(holes), {
      pane: 'cover', renderer: renderers.cover, interactive: false, stroke: false, fillColor: '#ECEEF1', fillOpacity: 1, smoothFactor: 0
    }).addTo(groups.temperature);
    // One after the other, so that no more than one is held twice.
    return place.tiles.reduce(function (before, tile) {
      return before.then(function () {
        if (mine !== turn) { return undefined; }
        return unpack(tile).then(function (steps) {
          if (mine !== turn) { return; }
          var x = place.corner_m[0] + tile.col * place.cell_m, y = place.corner_m[1] - tile.row * place.cell_m;
          var to = [x + tile.width * place.cell_m, y - tile.height * place.cell_m];
          L.svgOverlay(paint(tile, steps), [latLng(layer, [x, to[1]]), latLng(layer, [to[0], y])], { pane: 'raster' })
            .addTo(groups.temperature);
          grids.push({ tile: tile, steps: steps });
        });
      });
    }, Promise.resolve()).then(function () {
      if (mine === turn) {
        sharpen();
        document.documentElement.dataset.ready = 'yes';
      }
    });
  }

  function sharpen() {
    var place = current && current.cells;
    var sharp = place && place.cell_m * Math.pow(2, map.getZoom()) >= 1.5;
    map.getPane('raster').classList.toggle('sharp', !!sharp);
  }
  // A chip or a number stands only where its roof has room for it.
  function thinOut() {
    flags.forEach(function (flag) {
      var a = map.project(flag.box.getNorthWest(), map.getZoom()), b = map.project(flag.box.getSouthEast(), map.getZoom());
      var element = flag.marker.getElement();
      if (element) { element.style.visibility = b.x - a.x > flag.width && b.y - a.y > flag.height ? 'visible' : 'hidden'; }
    });
  }

  // ---- temperature under the cursor --------------------------------------------------------
  function at(place) {
    var layer = current, x = place.lng + home[0] - layer.origin_m[0], y = place.lat + home[1] - layer.origin_m[1];
    var roof = layer.roofs.find(function (one) { return holds(one.shape, x, y); });
    var found = { roof: roof, x: place.lng + home[0], y: place.lat + home[1], celsius: null };
    if (!roof || roof.look !== 'thermal' || !layer.cells) { return found; }
    var col = Math.floor((x - layer.cells.corner_m[0]) / layer.cells.cell_m);
    var row = Math.floor((layer.cells.corner_m[1] - y) / layer.cells.cell_m);
    grids.forEach(function (grid) {
      var c = col - grid.tile.col, r = row - grid.tile.row;
      if (c >= 0 && r >= 0 && c < grid.tile.width && r < grid.tile.height) {
        var step = grid.steps[r * grid.tile.width + c];
        if (step) { found.celsius = celsius(step); }
      }
    });
    return found;
  }
  function readout(place) {
    var value = byId('value'), where = byId('where'), pointer = byId('pointer');
    var found = place ? at(place) : null;
    byId('readout').hidden = data.variant === 'public';
    value.classList.toggle('none', !found || found.celsius === null);
    pointer.hidden = !found || found.celsius === null;
    ['x', 'y', 'celsius'].forEach(function (key) {
      if (found && found[key] !== null) { value.dataset[key] = found[key]; } else { delete value.dataset[key]; }
    });
    var nothing = data.scale_c && data.layers[last].roofs.length ? w.no_value : '';
    if (!found) {
      value.textContent = data.scale_c ? w.under_cursor : '';
      where.textContent = data.scale_c ? w.cursor_hint : '';
      return '';
    }
    value.textContent = found.celsius === null ? nothing : number(found.celsius, 1) + '\u00a0°C';
    var parts = [];
    if (found.roof) {
      parts.push(found.roof.name);
      parts.push(found.roof.class ? found.roof.chip + ' ' + words[found.roof.class] : found.roof.word);
    }
    parts.push('x ' + number(found.x, 1) + ' · y ' + number(found.y, 1) + ' m');
    where.textContent = parts.filter(Boolean).join(' · ');
    if (found.celsius !== null) {
      var share = (found.celsius - data.scale_c[0]) / (data.scale_c[1] - data.scale_c[0]);
      pointer.style.left = 100 * Math.max(0, Math.min(1, share)) + '%';
    }
    return [value.textContent].concat(parts.slice(0, -1)).filter(Boolean).join(', ');
  }
  var byKeys = false;
  function useKeys(on) {
    byKeys = on;
    byId('map').parentNode.classList.toggle('by-keys', on);
    if (on) { tellCentre(); }
  }
  function tellCentre() { byId('live').textContent = readout(map.getCenter()); }
  map.on('mousemove click', function (event) { useKeys(false); readout(event.latlng); });
  map.on('mouseout', function () { if (!byKeys) { readout(null); } });
  map.on('moveend', function () { if (byKeys) { tellCentre(); } });
  map.on('zoomend', function () { thinOut(); sharpen(); });
  map.on('click', function (event) {
    var found = at(event.latlng);
    if (found.roof) { open(found.roof, event.latlng); }
  });
  byId('map').addEventListener('keydown', function (event) {
    if (event.key === 'Home') { event.preventDefault(); fit(); }
    if (/^(Arrow|Home|\+|-|=|_)/.test(event.key)) { useKeys(true); }
    if (event.key === 'Enter' && event.target === byId('map')) {
      var found = at(map.getCenter());
      if (found.roof) { open(found.roof, map.getCenter()); }
    }
  });
  byId('map').addEventListener('focus', function () {
    if (byId('map').matches(':focus-visible')) { useKeys(true); }
  });
  byId('map').addEventListener('blur', function () { useKeys(false); });

  function open(item, place) {
    var body = make('div'), spot = item.nature !== undefined;
    body.appendChild(make('h3', '', spot ? (item.number ? item.number + ' · ' : '') + item.nature : item.name));
    var roof = spot ? current.roofs[item.roof] : null;
    var lines = spot ? [item.place || (roof ? roof.name : '')] : [item.note, item.class ? '' : item.word];
    lines.filter(function (text, i, all) { return text && all.indexOf(text) === i; })
      .forEach(function (text) { body.appendChild(make('p', '', text)); });
    if (!spot && item.class) {
      var line = make('p');
      line.appendChild(chip(item.chip, item.class));
      line.appendChild(document.createTextNode(' ' + words[item.class]));
      body.appendChild(line);
    }
    var facts = make('dl');
    item.facts.forEach(function (fact) {
      facts.appendChild(make('dt', '', fact.label));
      facts.appendChild(make('dd', '', fact.value));
    });
    if (item.facts.length) { body.appendChild(facts); }
    var popup = L.popup({ maxWidth: 280, autoPanPadding: [24, 24] }).setLatLng(place).setContent(body).openOn(map);
    var close = popup.getElement() && popup.getElement().querySelector('.leaflet-popup-close-button');
    if (close) { close.setAttribute('aria-label', w.close); }
  }

  // ---- the panel ---------------------------------------------------------------------------
  document.documentElement.style.setProperty('--accent', data.accent);
  document.querySelectorAll('[data-text]').forEach(function (element) { element.textContent = w[element.dataset.text]; });
  byId('campaign').textContent = data.campaign;
  byId('title').textContent = data.title;
  byId('subject').textContent = data.subject;
  byId('program').textContent = data.program + ' · Leaflet 1.9.4';
  data.notes.forEach(function (note) { byId('notes').appendChild(make('p', '', note)); });

  function flightName(layer) { return layer.date || layer.flight; }
  function heading(index) {
    var layer = data.layers[index];
    byId('flown').textContent = w.flight + ' ' + layer.flight + (layer.date ? ' · ' + layer.date : '');
    byId('flight-name').textContent = flightName(layer);
    byId('flight').setAttribute('aria-valuetext', flightName(layer));
  }
  if (last > 0) {
    byId('flights').hidden = false;
    byId('flight').max = last;
    byId('flight').value = last;
    byId('flight-first').textContent = flightName(data.layers[0]);
    byId('flight-last').textContent = flightName(data.layers[last]);
    byId('flight').addEventListener('input', function () { show(Number(this.value)); });
  }

  var any = function (test) { return data.layers.some(test); };
  var kinds = {
    temperature: any(function (l) { return l.cells && data.scale_c; }),
    classes: any(function (l) { return l.roofs.length; }),
    outlines: true,
    spots: any(function (l) { return l.spots.length; }),
    others: data.variant !== 'public' && any(function (l) { return l.others.length; })
  };
  Object.keys(groups).forEach(function (key) {
    if (!kinds[key]) { return; }
    groups[key].addTo(map);
    var label = make('label'), box = make('input');
    box.type = 'checkbox';
    box.id = 'show-' + key;
    box.checked = true;
    box.addEventListener('change', function () {
      visible[key] = box.checked;
      if (box.checked) { groups[key].addTo(map); } else { groups[key].remove(); }
      stand();
      thinOut();
      if (key === 'temperature') { byId('opacity').disabled = !box.checked; }
    });
    label.appendChild(box);
    label.appendChild(make('span', '', w[key]));
    byId('toggles').appendChild(label);
  });
  function stand() {
    var warm = kinds.temperature && visible.temperature;
    if (visible.classes && !warm) { instead.addTo(map); } else { instead.remove(); }
  }
  stand();
  byId('opacity-row').hidden = !kinds.temperature;
  byId('opacity').addEventListener('input', function () {
    map.getPane('raster').style.opacity = this.value / 100;
    this.setAttribute('aria-valuetext', this.value + ' %');
  });

  if (data.scale_c) {
    byId('scale').hidden = false;
    var bar = byId('bar'), context = bar.getContext('2d'), image = context.createImageData(256, 1);
    for (var i = 0; i < 256; i++) {
      for (var k = 0; k < 3; k++) { image.data[4 * i + k] = table[3 * i + k]; }
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    var low = data.scale_c[0], span = data.scale_c[1] - low;
    bar.setAttribute('aria-label', put(w.scale_ends, { low: number(low, 0), high: number(low + span, 0) }));
    var step = [0.5, 1, 2, 5, 10, 20, 50].find(function (s) { return span / s <= 8; }) || span;
    var ticks = [low];
    for (var t = Math.ceil((low + step * 0.6) / step) * step; t < low + span - step * 0.6; t += step) { ticks.push(t); }
    ticks.push(low + span);
    ticks.forEach(function (value) {
      var tick = make('span', '', number(value, value % 1 ? 1 : 0));
      tick.style.left = 100 * (value - low) / span + '%';
      byId('ticks').appendChild(tick);
    });
  }
  var counted = data.classes.some(function (row) { return row.companies; });
  if (kinds.classes || counted) {
    if (counted) {
      var head = make('tr');
      var over = make('th', '', w.indication);
      over.colSpan = 2;
      over.scope = 'col';
      head.appendChild(over);
      var companies = make('th', 'number', w.companies);
      companies.scope = 'col';
      head.appendChild(companies);
      byId('classes').tBodies[0].appendChild(head);
      byId('classes-title').hidden = true;
    }
    data.classes.forEach(function (row) {
      var line = make('tr'), cell = make('td', 'chip-cell');
      cell.appendChild(chip(row.class ? String(row.class) : '–', row.class));
      line.appendChild(cell);
      line.appendChild(make('td', '', row.word));
      if (counted) { line.appendChild(make('td', 'number', row.companies)); }
      byId('classes').tBodies[0].appendChild(line);
    });
  } else {
    byId('classes-title').hidden = true;
  }
  byId('classes-note').textContent = kinds.classes || counted ? data.classes_note : '';

  function key(text, draw) {
    var svg = svgElement('svg', { viewBox: '0 0 30 20', 'aria-hidden': 'true' });
    draw(function (tag, attributes) { svg.appendChild(svgElement(tag, attributes)); });
    var line = make('li');
    line.appendChild(svg);
    line.appendChild(make('span', '', text));
    byId('keys-list').appendChild(line);
  }
  var spots = [].concat.apply([], data.layers.map(function (l) { return l.spots; }));
  if (spots.some(function (s) { return !s.explained; })) {
    key(w.key_point, function (add) { add('circle', { cx: 15, cy: 10, r: 7, fill: '#14181F' }); });
  }
  if (spots.some(function (s) { return s.explained; })) {
    key(w.key_source, function (add) { add('circle', { cx: 15, cy: 10, r: 6.5, fill: '#FFFFFF', stroke: '#14181F', 'stroke-width': 1.5 }); });
  }
  var box = { x: 3, y: 3, width: 24, height: 14 };
  var roofs = [].concat.apply([], data.layers.map(function (l) { return l.roofs; }));
  if (roofs.some(function (r) { return r.masked.length; })) {
    key(w.key_masked, function (add) { add('rect', Object.assign({ fill: 'url(#dense)' }, box)); });
  }
  var classAlone = roofs.find(function (r) { return r.look === 'class'; });
  if (classAlone && data.variant === 'internal') {
    key(w.class_only, function (add) { add('rect', Object.assign({ fill: 'url(#class-' + classAlone.class + ')' }, box)); });
  }
  if (roofs.some(function (r) { return r.look === 'hatched'; })) {
    key(w.key_hatched, function (add) { add('rect', Object.assign({ fill: 'url(#hatch)', stroke: '#8A94A3' }, box)); });
  }
  if (kinds.others) {
    key(w.key_others, function (add) { add('rect', Object.assign({ fill: '#C6CBD2' }, box)); });
  }

  // ---- search ------------------------------------------------------------------------------
  function folded(text) { return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase(); }
  var entries = [];
  function list() {
    entries = current.roofs.map(function (roof) {
      return {
        item: roof, kind: w.buildings, title: roof.name, mark: chip(roof.chip || '–', roof.class),
        small: [roof.note, roof.class ? words[roof.class] : roof.word].filter(function (text, i, all) {
          return text && all.indexOf(text) === i;
        }).join(' · '),
        more: roof.oidn + ' ' + roof.holders.join(' '), shape: roof.shape, at: roof.at
      };
    });
    current.spots.forEach(function (spot) {
      var roof = current.roofs[spot.roof];
      entries.push({
        item: spot, kind: spot.explained ? w.sources : w.points, title: spot.nature, mark: disc(spot),
        small: spot.place || (roof ? roof.name : ''), more: String(spot.number || ''), at: spot.at
      });
    });
    var kinds = [w.buildings, w.points, w.sources];
    entries.sort(function (a, b) { return kinds.indexOf(a.kind) - kinds.indexOf(b.kind); });
    filter();
  }
  function filter() {
    var asked = folded(byId('query').value.trim()), box = byId('list'), kind = null;
    box.textContent = '';
    var hits = entries.filter(function (entry) {
      return folded([entry.title, entry.small, entry.more].join(' ')).indexOf(asked) >= 0;
    });
    hits.forEach(function (entry) {
      if (entry.kind !== kind) {
        kind = entry.kind;
        box.appendChild(make('h3', '', kind));
      }
      var button = make('button');
      button.type = 'button';
      var mark = make('span', 'mark');
      mark.appendChild(entry.mark);
      button.appendChild(mark);
      var text = make('span', 'text', entry.title);
      if (entry.small) { text.appendChild(make('small', '', entry.small)); }
      button.appendChild(text);
      button.addEventListener('click', function () { go(entry); });
      box.appendChild(button);
    });
    byId('count').textContent = !entries.length ? w.no_roofs : !asked ? '' : hits.length ? put(w.found, { n: hits.length }) : w.none_found;
    return hits;
  }
  function go(entry) {
    var place = latLng(current, entry.at);
    if (entry.shape) {
      map.fitBounds(L.polygon(rings(current, entry.shape)).getBounds().pad(0.15), { animate: false });
    } else {
      map.setView(place, Math.max(map.getZoom(), Math.log2(8)), { animate: false });
    }
    open(entry.item, place);
    readout(L.latLng(place));
  }
  byId('query').placeholder = w.search_hint;
  byId('query').addEventListener('input', filter);
  byId('query').addEventListener('keydown', function (event) {
    if (event.key === 'Enter') {
      event.preventDefault();
      var hits = filter();
      if (hits.length) { go(hits[0]); }
    }
  });
  byId('search').hidden = data.variant === 'public';

  // ---- begin -------------------------------------------------------------------------------
  function fit() { if (extent.isValid()) { map.fitBounds(extent, { paddingTopLeft: [28, 84], paddingBottomRight: [28, 84], animate: false }); } }
  data.layers.forEach(function (layer) {
    var own = layer.roofs.length && data.variant === 'company' ? layer.roofs.map(function (r) { return r.shape; })
      : layer.roofs.map(function (r) { return r.shape; }).concat(layer.others);
    own.forEach(function (shape) { extent.extend(L.polygon(rings(layer, shape)).getBounds()); });
  });
  if (!extent.isValid()) { extent = L.latLngBounds([[0, 0], [100, 100]]); }
  fit();
  map.setMinZoom(Math.floor(4 * map.getZoom()) / 4 - 2);
  // Wide enough for every zoom, or keys would stop in one direction.
  var view = map.getBounds(), reach = 4 * Math.max(view.getEast() - view.getWest(), view.getNorth() - view.getSouth());
  var middle = extent.getCenter();
  map.setMaxBounds([[middle.lat - reach, middle.lng - reach], [middle.lat + reach, middle.lng + reach]]);
  show(last).then(function () { document.documentElement.dataset.ready = 'yes'; });
})();
