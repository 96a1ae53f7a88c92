// GlideSysAttachment, as far as text attachments go.
import { createHash } from 'node:crypto'

import { newSysId } from '../ids.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'

interface RecordLike {
  getTableName(): string
  getUniqueValue(): string
}

/** The constructor scripts call: new GlideSysAttachment(). */
export function glideSysAttachmentType(host: GlideHost): () => object {
  const { core } = host
  return function GlideSysAttachment() {
    return {
      write(...[record, name, type, content]: [RecordLike, unknown, unknown, unknown]) {
        const data = text(content)
        const values = {
          sys_id: newSysId(),
          table_name: record.getTableName(),
          table_sys_id: record.getUniqueValue(),
          file_name: text(name),
          content_type: text(type),
          size_bytes: String(Buffer.byteLength(data)),
          hash: createHash('sha256').update(data).digest('hex'),
          data,
        }
        const row = { table: 'sys_attachment', values }
        const result = core.writer.insert(host.execution().session, row, { acl: false })
        return result.ok ? values.sys_id : null
      },
      getContent: (record: RecordLike) =>
        core.store.find('sys_attachment', record.getUniqueValue())?.['data'] ?? '',
      deleteAttachment(sysId: unknown) {
        const row = { table: 'sys_attachment', sysId: text(sysId) }
        core.writer.remove(host.execution().session, row, { acl: false })
      },
    }
  }
}
