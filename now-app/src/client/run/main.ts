document.title = 'Run automation'
export {}
