// Files: the stand-in's own stylesheet and scripts, and the static files of the built app.
import { readFileSync } from 'node:fs'

import type { FrontContext } from '../context.ts'
import { text } from '../message.ts'
import type { Reply } from '../message.ts'

const localFiles: Readonly<Record<string, string>> = {
  'style.css': 'text/css;charset=UTF-8',
  'page.js': 'text/javascript;charset=UTF-8',
  'client-api.js': 'text/javascript;charset=UTF-8',
  'icon.svg': 'image/svg+xml',
}

/** `/local/{name}`: a file of the folder static/. */
export function answerLocalFile(path: string): Reply {
  const name = path.slice('/local/'.length)
  const contentType = Object.hasOwn(localFiles, name) ? localFiles[name] : undefined
  if (contentType === undefined) return text(404, 'Not found')
  return {
    status: 200,
    headers: {
      'Content-Type': contentType,
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    },
    body: readFileSync(new URL(`../static/${name}`, import.meta.url)),
  }
}

/** `/uxasset/externals/…`: a static file of the built app. */
export function answerAsset(context: FrontContext, path: string): Reply {
  const asset = context.platform.asset(path.slice('/uxasset/externals/'.length))
  if (asset === null) return text(404, 'Not found')
  return {
    status: 200,
    headers: {
      'Content-Type': asset.contentType,
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    },
    body: asset.body,
  }
}
