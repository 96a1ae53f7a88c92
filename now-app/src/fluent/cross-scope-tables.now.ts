// Tables of other scopes the app touches. Without these records an instance that enforces scope access
// refuses the calls after installation.
import '@servicenow/sdk/global'
import { CrossScopePrivilege } from '@servicenow/sdk/core'

CrossScopePrivilege({
  $id: Now.ID['scope-incident-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'incident',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-incident-write'],
  operation: 'write',
  status: 'allowed',
  targetName: 'incident',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-task-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'task',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-user-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_user',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-user-has-role-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_user_has_role',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-user-role-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_user_role',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-user-grmember-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_user_grmember',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-user-group-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_user_group',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-sys-journal-field-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'sys_journal_field',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-cmdb-ci-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'cmdb_ci',
  targetScope: 'global',
  targetType: 'sys_db_object',
})

CrossScopePrivilege({
  $id: Now.ID['scope-cmdb-ci-service-read'],
  operation: 'read',
  status: 'allowed',
  targetName: 'cmdb_ci_service',
  targetScope: 'global',
  targetType: 'sys_db_object',
})
