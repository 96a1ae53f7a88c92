// Browser side of the stand-in: the globals that client scripts of UI actions and UI pages find on the platform, as far
// as this app needs them (GlideModal, GlideAjax, g_form, g_user, gsftSubmit). Served as it is; no build.
'use strict'

window.localActions = {}

;(function () {
  const user = (window.NOW && window.NOW.user) || {}
  const roles = (user.roles || '').split(',')

  window.g_user = {
    userID: user.userID,
    userName: user.userName,
    getFullName: function () {
      return user.name
    },
    hasRole: function (role) {
      return roles.includes(role) || roles.includes('admin')
    },
    hasRoleExactly: function (role) {
      return roles.includes(role)
    },
  }

  window.getMessage = function (key) {
    return key
  }

  function recordElement() {
    return document.getElementById('record')
  }

  function control(field) {
    const form = document.getElementById('record-form')
    if (!form) return null
    const found = form.elements['field.' + field]
    return found instanceof RadioNodeList ? found[found.length - 1] : found
  }

  function addMessage(kind, text) {
    const line = document.createElement('p')
    line.className = 'message ' + kind
    line.setAttribute('role', kind === 'error' ? 'alert' : 'status')
    line.textContent = text
    document.getElementById('messages').append(line)
  }

  window.g_form = {
    getTableName: function () {
      return recordElement().dataset.table
    },
    getUniqueValue: function () {
      return recordElement().dataset.sysId
    },
    isNewRecord: function () {
      return recordElement().dataset.sysId === '-1'
    },
    getValue: function (field) {
      const found = control(field)
      if (found) return found.type === 'checkbox' ? String(found.checked) : found.value
      const original = document.querySelector('input[name="sysparm_original"]')
      return original ? (JSON.parse(original.value)[field] ?? '') : ''
    },
    getDisplayValue: function (field) {
      const found = field === undefined ? null : control(field)
      if (found && found.selectedOptions) return found.selectedOptions[0]?.textContent ?? ''
      const read = document.querySelector('[data-read="' + CSS.escape(field ?? 'number') + '"]')
      return read ? read.textContent.trim() : ''
    },
    setValue: function (field, value) {
      const found = control(field)
      if (!found) return
      if (found.type === 'checkbox') found.checked = value === true || value === 'true'
      else found.value = value
    },
    getFormElement: function () {
      return document.getElementById('record-form')
    },
    addInfoMessage: function (text) {
      addMessage('info', text)
    },
    addErrorMessage: function (text) {
      addMessage('error', text)
    },
    clearMessages: function () {
      document.getElementById('messages').replaceChildren()
    },
    save: function () {
      submit('save')
    },
    submit: function (action) {
      submit(action || 'save')
    },
  }

  function submit(action) {
    const form = document.getElementById('record-form')
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'sys_action'
    field.value = action
    form.append(field)
    form.submit()
  }

  window.gsftSubmit = function (_control, _form, action) {
    submit(action)
  }

  window.g_navigation = {
    open: function (url, target) {
      if (target) window.open(url, target)
      else window.location.assign(url)
    },
  }

  // A UI page in a dialog. On the platform the page is part of the document; here it stands in a frame, as the pages
  // of this app bring their own document.
  let current = null

  window.GlideModal = function (page, readOnly, width) {
    this.page = page
    this.width = typeof width === 'number' ? width : 720
    this.title = ''
    this.preferences = {}
  }
  window.GlideModal.get = function () {
    return current
  }
  window.GlideModal.prototype = {
    get: function () {
      return current
    },
    setTitle: function (title) {
      this.title = title
    },
    setWidth: function (width) {
      this.width = Number(width)
    },
    setPreference: function (name, value) {
      this.preferences[name] = value
    },
    getPreference: function (name) {
      return this.preferences[name]
    },
    render: function () {
      if (current) current.destroy()
      current = this
      const query = new URLSearchParams(this.preferences)
      const page = this.page.endsWith('.do') ? this.page : this.page + '.do'
      const dialog = document.createElement('dialog')
      dialog.className = 'modal'
      dialog.style.setProperty('--width', this.width + 'px')
      dialog.setAttribute('aria-labelledby', 'modal-title')
      const bar = document.createElement('div')
      bar.className = 'modal-bar'
      const title = document.createElement('h2')
      title.id = 'modal-title'
      title.textContent = this.title || 'Dialog'
      const close = document.createElement('button')
      close.type = 'button'
      close.className = 'quiet'
      close.setAttribute('aria-label', 'Close dialog')
      close.textContent = '✕'
      close.addEventListener('click', () => this.destroy())
      bar.append(title, close)
      const frame = document.createElement('iframe')
      frame.title = this.title || 'Dialog'
      frame.src = '/' + page + '?' + query.toString()
      dialog.append(bar, frame)
      dialog.addEventListener('close', () => this.destroy())
      this.dialog = dialog
      document.body.append(dialog)
      dialog.showModal()
    },
    destroy: function () {
      if (current === this) current = null
      if (this.dialog) this.dialog.remove()
    },
  }
  window.GlideDialogWindow = window.GlideModal

  window.GlideAjax = function (processor) {
    this.parameters = new URLSearchParams({ sysparm_processor: processor })
  }
  window.GlideAjax.prototype = {
    addParam: function (name, value) {
      this.parameters.set(name, value)
    },
    getXML: function (callback) {
      fetch('/xmlhttp.do', {
        method: 'POST',
        headers: { 'X-UserToken': window.g_ck },
        body: this.parameters,
      })
        .then((response) => response.text())
        .then((text) => {
          const responseXML = new DOMParser().parseFromString(text, 'text/xml')
          callback({ responseXML, responseText: text })
        })
        .catch((error) => addMessage('error', 'The instance did not answer: ' + error.message))
    },
    getXMLAnswer: function (callback) {
      this.getXML((response) =>
        callback(response.responseXML.documentElement.getAttribute('answer')),
      )
    },
  }
})()
