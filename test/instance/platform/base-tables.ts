// The part of the base system's dictionary that the local instance knows: one line per column,
// "name | label | internal type | max length or reference table | default". Column names, types and
// lengths follow the out-of-the-box tables (servicenow-runtime.md §5, SDK table definitions);
// incident.description is enlarged, as an admin does for long logs.

/** A table in the compact notation of this file. */
export interface TableSpec {
  name: string
  label: string
  parent: string | null
  display: string
  /** Prefix of the number counter, or '' for tables without one. */
  prefix: string
  columns: string
}

const task = `
number | Number | string | 40
short_description | Short description | string | 160
description | Description | string | 4000
state | State | integer | | 1
active | Active | boolean | | true
priority | Priority | integer | | 4
impact | Impact | integer | | 3
urgency | Urgency | integer | | 3
assigned_to | Assigned to | reference | sys_user
assignment_group | Assignment group | reference | sys_user_group
opened_at | Opened | glide_date_time
opened_by | Opened by | reference | sys_user
closed_at | Closed | glide_date_time
closed_by | Closed by | reference | sys_user
close_notes | Close notes | string | 4000
work_notes | Work notes | journal_input | 4000
comments | Additional comments | journal_input | 4000
work_notes_list | Work notes list | glide_list | sys_user
watch_list | Watch list | glide_list | sys_user
additional_assignee_list | Additional assignee list | glide_list | sys_user
cmdb_ci | Configuration item | reference | cmdb_ci
business_service | Service | reference | cmdb_ci
parent | Parent | reference | task
company | Company | reference | core_company
location | Location | reference | cmn_location
contact_type | Contact type | string | 40
approval | Approval | string | 40 | not requested
escalation | Escalation | integer | | 0
knowledge | Knowledge | boolean | | false
made_sla | Made SLA | boolean | | true
on_hold | On hold | boolean
reassignment_count | Reassignment count | integer | | 0
order | Order | integer
due_date | Due date | glide_date_time
sla_due | SLA due | glide_date_time
expected_start | Expected start | glide_date_time
work_start | Actual start | glide_date_time
work_end | Actual end | glide_date_time
activity_due | Activity due | glide_date_time
follow_up | Follow up | glide_date_time
correlation_id | Correlation ID | string | 100
correlation_display | Correlation display | string | 100
user_input | User input | string | 4000
sys_domain | Domain | string | 32 | global
sys_class_name | Task type | sys_class_name | 80
`

const incident = `
incident_state | Incident state | integer | | 1
caller_id | Caller | reference | sys_user
category | Category | string | 40 | inquiry
subcategory | Subcategory | string | 40
description | Description | string | 1000000
close_code | Resolution code | string | 40
close_notes | Resolution notes | string | 4000
hold_reason | On hold reason | integer
severity | Severity | integer | | 3
notify | Notify | integer | | 1
problem_id | Problem | reference | problem
rfc | Change Request | reference | change_request
parent_incident | Parent Incident | reference | incident
resolved_at | Resolved | glide_date_time
resolved_by | Resolved by | reference | sys_user
reopen_count | Reopen count | integer | | 0
reopened_time | Last reopened at | glide_date_time
child_incidents | Child Incidents | integer | | 0
business_impact | Business impact | string | 4000
cause | Probable cause | string | 4000
origin | Origin | string | 40
`

const changeRequest = `
state | State | integer | | -5
type | Type | string | 40 | normal
category | Category | string | 40 | Other
risk | Risk | integer | | 3
start_date | Planned start date | glide_date_time
end_date | Planned end date | glide_date_time
requested_by | Requested by | reference | sys_user
requested_by_date | Requested by date | glide_date_time
close_code | Close code | string | 40
on_hold_reason | On hold reason | string | 4000
backout_plan | Backout plan | string | 4000
test_plan | Test plan | string | 4000
implementation_plan | Implementation plan | string | 4000
justification | Justification | string | 4000
cab_required | CAB required | boolean | | false
cab_date | CAB date | glide_date
cab_recommendation | CAB recommendation | string | 4000
phase | Phase | string | 40 | requested
phase_state | Phase state | string | 40 | open
chg_model | Model | reference | chg_model
conflict_status | Conflict status | string | 40 | Not Run
unauthorized | Unauthorized | boolean | | false
review_status | Review status | integer
reason | Reason | string | 40
`

const requestedItem = `
request | Request | reference | sc_request
cat_item | Item | reference | sc_cat_item
sc_catalog | Catalog | reference | sc_catalog
requested_for | Requested for | reference | sys_user
quantity | Quantity | integer | | 1
price | Price | price | 20
stage | Stage | string | 80
configuration_item | Configuration item | reference | cmdb_ci
estimated_delivery | Estimated delivery | glide_date_time
backordered | Backordered | boolean | | false
billable | Billable | boolean | | false
`

const user = `
user_name | User ID | string | 40
first_name | First name | string | 40
last_name | Last name | string | 40
name | Name | string | 151
email | Email | string | 100
user_password | Password | password | 255
title | Title | string | 60
department | Department | reference | cmn_department
company | Company | reference | core_company
location | Location | reference | cmn_location
manager | Manager | reference | sys_user
phone | Business phone | string | 40
vip | VIP | boolean | | false
active | Active | boolean | | true
locked_out | Locked out | boolean | | false
web_service_access_only | Web service access only | boolean | | false
internal_integration_user | Internal Integration User | boolean | | false
identity_type | Identity type | string | 40 | human
time_zone | Time zone | string | 40
roles | Roles | string | 255
sys_class_name | Class | sys_class_name | 80
`

const configurationItem = `
name | Name | string | 255
short_description | Description | string | 1000
asset_tag | Asset tag | string | 40
serial_number | Serial number | string | 255
operational_status | Operational status | integer | | 1
install_status | Status | integer | | 1
environment | Environment | string | 40
ip_address | IP Address | string | 255
fqdn | Fully qualified domain name | string | 255
category | Category | string | 40
subcategory | Subcategory | string | 40
assigned_to | Assigned to | reference | sys_user
support_group | Support group | reference | sys_user_group
owned_by | Owned by | reference | sys_user
company | Company | reference | core_company
location | Location | reference | cmn_location
sys_class_name | Class | sys_class_name | 80
`

function spec(
  name: string,
  label: string,
  rest: { parent?: string; display?: string; prefix?: string; columns: string },
): TableSpec {
  return {
    name,
    label,
    parent: rest.parent ?? null,
    display: rest.display ?? 'name',
    prefix: rest.prefix ?? '',
    columns: rest.columns,
  }
}

/** The ticket and people tables of the base system; parents come before their children. */
export const businessTables: readonly TableSpec[] = [
  spec('task', 'Task', { display: 'number', prefix: 'TASK', columns: task }),
  spec('incident', 'Incident', {
    parent: 'task',
    display: 'number',
    prefix: 'INC',
    columns: incident,
  }),
  spec('change_request', 'Change Request', {
    parent: 'task',
    display: 'number',
    prefix: 'CHG',
    columns: changeRequest,
  }),
  spec('change_task', 'Change Task', {
    parent: 'task',
    display: 'number',
    prefix: 'CTASK',
    columns: `change_request | Change request | reference | change_request
close_code | Close code | string | 40
planned_start_date | Planned start date | glide_date_time
planned_end_date | Planned end date | glide_date_time`,
  }),
  spec('problem', 'Problem', {
    parent: 'task',
    display: 'number',
    prefix: 'PRB',
    columns: `state | State | integer | | 101
resolution_code | Resolution code | string | 40
cause_notes | Cause notes | string | 4000
fix_notes | Fix notes | string | 4000
known_error | Known error | boolean | | false
first_reported_by_task | First reported by | reference | task
category | Category | string | 40`,
  }),
  spec('sc_request', 'Request', {
    parent: 'task',
    display: 'number',
    prefix: 'REQ',
    columns: `requested_for | Requested for | reference | sys_user
request_state | Request state | string | 40 | requested
stage | Stage | string | 40 | requested
price | Price | price | 20
delivery_address | Delivery address | string | 4000
special_instructions | Special instructions | string | 4000`,
  }),
  spec('sc_req_item', 'Requested Item', {
    parent: 'task',
    display: 'number',
    prefix: 'RITM',
    columns: requestedItem,
  }),
  spec('sc_task', 'Catalog Task', {
    parent: 'task',
    display: 'number',
    prefix: 'SCTASK',
    columns: `request | Request | reference | sc_request
request_item | Request item | reference | sc_req_item
sc_catalog | Catalog | reference | sc_catalog`,
  }),
  spec('sys_user', 'User', { columns: user }),
  spec('sys_user_group', 'Group', {
    columns: `name | Name | string | 80
description | Description | string | 1000
manager | Manager | reference | sys_user
email | Group email | string | 100
parent | Parent | reference | sys_user_group
type | Type | glide_list | sys_user_group_type
active | Active | boolean | | true`,
  }),
  spec('sys_user_grmember', 'Group Member', {
    display: 'user',
    columns: `user | User | reference | sys_user
group | Group | reference | sys_user_group`,
  }),
  spec('cmdb_ci', 'Configuration Item', { columns: configurationItem }),
  spec('cmdb_ci_server', 'Server', {
    parent: 'cmdb_ci',
    columns: `os | Operating System | string | 80
classification | Classification | string | 40 | Production
dns_domain | DNS Domain | string | 255`,
  }),
  spec('cmdb_ci_linux_server', 'Linux Server', { parent: 'cmdb_ci_server', columns: '' }),
  spec('cmdb_ci_win_server', 'Windows Server', { parent: 'cmdb_ci_server', columns: '' }),
  spec('cmdb_ci_service', 'Service', {
    parent: 'cmdb_ci',
    columns: `busines_criticality | Business criticality | string | 40
used_for | Used for | string | 40 | Production`,
  }),
  spec('cmdb_rel_ci', 'CI Relationship', {
    display: 'sys_id',
    columns: `parent | Parent | reference | cmdb_ci
child | Child | reference | cmdb_ci
type | Type | string | 80
connection_strength | Connection strength | string | 40`,
  }),
  spec('task_ci', 'CIs Affected', {
    display: 'ci_item',
    columns: `task | Task | reference | task
ci_item | Configuration Item | reference | cmdb_ci`,
  }),
  spec('task_cmdb_ci_service', 'Impacted Services/CIs', {
    display: 'cmdb_ci_service',
    columns: `task | Task | reference | task
cmdb_ci_service | Impacted Service/CI | reference | cmdb_ci
manually_added | Manually added | boolean | | false`,
  }),
]
