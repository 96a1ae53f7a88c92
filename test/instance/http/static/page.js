// Behaviour of the stand-in's own pages: live form, notes without reload, relative times. Everything also works
// without this file, by reloading. Served as it is; no build.
'use strict'
;(function () {
  const pollMs = 2000
  const record = document.getElementById('record')
  const stream = document.getElementById('activity')
  let revision = ''
  let polling = false

  function showRelativeTimes() {
    const now = Date.now()
    for (const element of document.querySelectorAll('.stream time')) {
      const seconds = Math.round((now - Date.parse(element.dateTime)) / 1000)
      if (seconds >= 0 && seconds < 3600) {
        element.textContent = seconds < 60 ? 'just now' : Math.floor(seconds / 60) + ' min ago'
      } else {
        element.textContent = element.title
      }
    }
  }

  function parse(html) {
    const template = document.createElement('template')
    template.innerHTML = html
    return template.content
  }

  // Replaces only what changed, so that focus and screen readers are left alone.
  function swap(element, html) {
    const next = parse(html)
    if (element.innerHTML === next.firstElementChild?.parentNode?.innerHTML) return
    const holder = document.createElement('div')
    holder.append(next)
    if (element.innerHTML !== holder.innerHTML) element.replaceChildren(...holder.childNodes)
  }

  function addEntries(entries) {
    const known = new Set([...stream.children].map((item) => item.dataset.key))
    for (const entry of entries.toReversed()) {
      if (known.has(entry.key)) continue
      const item = parse(entry.html).firstElementChild
      item.classList.add('fresh')
      stream.prepend(item)
    }
  }

  function takeFields(fields) {
    const hidden = document.querySelector('input[name="sysparm_original"]')
    const original = JSON.parse(hidden.value)
    for (const [name, field] of Object.entries(fields)) {
      const read = document.querySelector('[data-read="' + CSS.escape(name) + '"]')
      if (read && field.html !== null) swap(read, field.html)
      if (original[name] === field.value) continue
      const typed = window.g_form.getValue(name)
      // What somebody is changing is left to them; saving writes only that.
      if (typed === original[name]) window.g_form.setValue(name, field.value)
      original[name] = field.value
    }
    hidden.value = JSON.stringify(original)
  }

  function announce(state) {
    const before = document.getElementById('badges').textContent.trim()
    swap(document.getElementById('badges'), state.badges)
    const after = document.getElementById('badges').textContent.trim()
    if (before !== after) document.getElementById('announcer').textContent = after
  }

  function take(state) {
    announce(state)
    swap(document.getElementById('actions'), state.actions)
    swap(document.getElementById('related'), state.related)
    if (stream) addEntries(state.activity)
    takeFields(state.fields)
    showRelativeTimes()
    // A client action that was not there when the page was loaded has no script yet.
    const unknown = state.clientActions.some((id) => !window.localActions[id])
    if (unknown && !document.querySelector('dialog')) window.location.reload()
  }

  async function poll() {
    if (polling || document.hidden) return
    polling = true
    try {
      const query = new URLSearchParams({
        table: record.dataset.table,
        sys_id: record.dataset.sysId,
        revision,
      })
      const response = await fetch('/__ui/form?' + query)
      if (response.status === 401) window.location.reload()
      if (response.status === 200) {
        const state = await response.json()
        revision = state.revision
        take(state)
      }
      document.getElementById('stale').hidden = response.ok
    } catch {
      document.getElementById('stale').hidden = false
    } finally {
      polling = false
    }
  }

  async function post(form) {
    const button = form.querySelector('button')
    button.disabled = true
    try {
      const response = await fetch(form.getAttribute('action'), {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
      })
      if (!response.ok) throw new Error((await response.json()).error)
      form.querySelector('textarea').value = ''
      await poll()
    } catch (error) {
      window.g_form.addErrorMessage('Not posted: ' + error.message)
    } finally {
      button.disabled = false
    }
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-client-action]')
    if (button) window.localActions[button.dataset.clientAction]?.()
  })

  showRelativeTimes()
  if (record && record.dataset.sysId !== '-1') {
    setInterval(poll, pollMs)
    void poll()
    document.getElementById('note-form')?.addEventListener('submit', (event) => {
      event.preventDefault()
      void post(event.target)
    })
    document.getElementById('note-text')?.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
        event.target.form.requestSubmit()
    })
  }
})()
