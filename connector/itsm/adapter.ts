// The port to ITSM systems: how a status update reaches the ticket. An adapter is the code for one system.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

/** One ITSM instance as the road uses it. Methods reject with ConnectorError. */
export interface ItsmAdapter {
  /** Delivers one update and says what the instance did with it. Safe to repeat. */
  sendStatus(update: StatusUpdate, signal: AbortSignal): Promise<StatusReply>
  close(): Promise<void>
}
