// Where the page can go. The views call these and know nothing of each other.
import type { PreviewPage } from '../../server/preview.ts'
import type { TicketKey } from './api.ts'

/** The page's ways. */
export interface Navigation {
  ticket: TicketKey
  toList: () => void
  toForm: (template: PreviewPage['templates'][number], page: PreviewPage) => void
  toRun: (runId: string) => void
}
