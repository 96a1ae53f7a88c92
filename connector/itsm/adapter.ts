// The port to ITSM systems: how a status update reaches the ticket. An adapter is the code for one system.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

/** Which records to read. */
export interface RecordQuery {
  table: string
  /** Encoded query; the adapter orders by nothing itself, so add ORDERBY. */
  query: string
  /** Fields to read, dot-walks allowed. */
  fields: readonly string[]
  limit: number
}

/** A record as it was read: field -> stored and display value. A field the table does not have is absent. */
export type ReadRecord = Record<string, { value: string; display: string }>

/** One ITSM instance as the road uses it. Methods reject with ConnectorError. */
export interface ItsmAdapter {
  /** Delivers one update and says what the instance did with it. Safe to repeat. */
  sendStatus(update: StatusUpdate, signal: AbortSignal): Promise<StatusReply>
  /** Reads records with the rights of the integration user. */
  readRecords(query: RecordQuery, signal: AbortSignal): Promise<ReadRecord[]>
  close(): Promise<void>
}
