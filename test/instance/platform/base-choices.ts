// Choice lists and state facts of the base system (servicenow-runtime.md §5). Every value is
// configurable on a real instance, so these rows are data in sys_choice, not law.

/** "table.element": choices as value=label pairs in order. */
export const baseChoices: Readonly<Record<string, string>> = {
  'task.state':
    '-5=Pending|1=Open|2=Work in Progress|3=Closed Complete|4=Closed Incomplete|7=Closed Skipped',
  'task.priority': '1=1 - Critical|2=2 - High|3=3 - Moderate|4=4 - Low|5=5 - Planning',
  'task.impact': '1=1 - High|2=2 - Medium|3=3 - Low',
  'task.urgency': '1=1 - High|2=2 - Medium|3=3 - Low',
  'task.approval':
    'not requested=Not Yet Requested|requested=Requested|approved=Approved|rejected=Rejected|cancelled=No Longer Required',
  'task.escalation': '0=Normal|1=Moderate|2=High|3=Overdue',
  'task.contact_type':
    'email=Email|phone=Phone|self-service=Self-service|walk-in=Walk-in|monitoring=Monitoring',
  'incident.state': '1=New|2=In Progress|3=On Hold|6=Resolved|7=Closed|8=Canceled',
  'incident.incident_state': '1=New|2=In Progress|3=On Hold|6=Resolved|7=Closed|8=Canceled',
  'incident.hold_reason':
    '1=Awaiting Caller|5=Awaiting Change|3=Awaiting Problem|4=Awaiting Vendor',
  'incident.category':
    'inquiry=Inquiry / Help|software=Software|hardware=Hardware|network=Network|database=Database',
  'incident.subcategory':
    'antivirus=Antivirus|email=Email|internal application=Internal Application|operating system=Operating System|cpu=CPU|disk=Disk|memory=Memory|dhcp=DHCP|dns=DNS|vpn=VPN|db2=DB2|oracle=Oracle|sql server=MS SQL Server',
  'incident.severity': '1=1 - High|2=2 - Medium|3=3 - Low',
  'change_request.state':
    '-5=New|-4=Assess|-3=Authorize|-2=Scheduled|-1=Implement|0=Review|3=Closed|4=Canceled',
  'change_request.type': 'standard=Standard|normal=Normal|emergency=Emergency',
  'change_request.risk': '1=Very High|2=High|3=Moderate|4=Low',
  'change_request.close_code':
    'successful=Successful|successful_issues=Successful with issues|unsuccessful=Unsuccessful',
  'change_request.category':
    'Hardware=Hardware|Software=Software|Service=Service|Network=Network|Other=Other',
  'problem.state':
    '101=New|102=Assess|103=Root Cause Analysis|104=Fix in Progress|106=Resolved|107=Closed',
  'problem.resolution_code':
    'fix_applied=Fix Applied|risk_accepted=Risk Accepted|duplicate=Duplicate|canceled=Canceled',
  'sc_req_item.stage':
    'waiting_for_approval=Waiting for Approval|fulfillment=Fulfillment|completed=Completed|request_cancelled=Request Cancelled',
  'sc_request.request_state':
    'requested=Pending Approval|in_process=Approved|closed_complete=Closed Complete|closed_incomplete=Closed Incomplete|closed_cancelled=Closed Cancelled|closed_rejected=Closed Rejected',
  'sysapproval_approver.state':
    'not requested=Not Yet Requested|requested=Requested|approved=Approved|rejected=Rejected|cancelled=No Longer Required|not_required=No Longer Required|duplicate=Duplicate',
  'cmdb_ci.operational_status': '1=Operational|2=Non-Operational|6=Retired',
  'cmdb_ci_service.used_for':
    'Production=Production|Staging=Staging|QA=QA|Test=Test|Development=Development|Demonstration=Demonstration|Training=Training|UAT=UAT|DR=DR',
  'cmdb_ci.environment': 'production=Production|test=Test|development=Development',
}

/** Incident resolution codes by release family; the platform blanks a value that is not in the list. */
export const incidentCloseCodes: Readonly<Record<'new' | 'old', string>> = {
  new: 'Duplicate|Known error|No resolution provided|Resolved by caller|Resolved by change|Resolved by problem|Resolved by request|Solution provided|Workaround provided|User error',
  old: 'Solved (Work Around)|Solved (Permanently)|Solved Remotely (Work Around)|Solved Remotely (Permanently)|Not Solved (Not Reproducible)|Not Solved (Too Costly)|Closed/Resolved by Caller',
}

/** States in which a task of the class is no longer active (dictionary attribute close_states). */
export const closeStates: Readonly<Record<string, readonly string[]>> = {
  incident: ['7', '8'],
  change_request: ['3', '4'],
  problem: ['107'],
  task: ['3', '4', '7'],
}

/** Impact x urgency -> priority (def-prio-lookup-rules). */
export const priorityLookup: Readonly<Record<string, string>> = {
  '1,1': '1',
  '1,2': '2',
  '1,3': '3',
  '2,1': '2',
  '2,2': '3',
  '2,3': '4',
  '3,1': '3',
  '3,2': '4',
  '3,3': '5',
}

/** Next states of a change by type (c_ChangeStateModel); cancelling is handled apart. */
export const changeTransitions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  normal: { '-5': '-4', '-4': '-3', '-3': '-2', '-2': '-1', '-1': '0', '0': '3' },
  standard: { '-5': '-2', '-2': '-1', '-1': '0', '0': '3' },
  emergency: { '-5': '-3', '-3': '-2', '-2': '-1', '-1': '0', '0': '3' },
}

/** Columns with dropdown choices of the base system as [table, element, value, label, sequence]. */
export function choiceRows(
  closeCodes: 'new' | 'old',
): readonly (readonly [string, string, string, string, number])[] {
  const rows: (readonly [string, string, string, string, number])[] = []
  const codes = incidentCloseCodes[closeCodes]
    .split('|')
    .map((code) => `${code}=${code}`)
    .join('|')
  for (const [key, list] of Object.entries({ ...baseChoices, 'incident.close_code': codes })) {
    const [table = '', element = ''] = key.split('.')
    for (const [index, pair] of list.split('|').entries()) {
      const at = pair.indexOf('=')
      rows.push([table, element, pair.slice(0, at), pair.slice(at + 1), index])
    }
  }
  return rows
}
