// Platform APIs the app calls, under the names instances record for them when they see the first call.
import '@servicenow/sdk/global'
import { CrossScopePrivilege } from '@servicenow/sdk/core'

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-insert'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.insert',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-update'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.update',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-setvalue'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.setValue',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-updatemultiple'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.updateMultiple',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-deletemultiple'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.deleteMultiple',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scopedgliderecordsecure'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScopedGlideRecordSecure',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scopedglideelement'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScopedGlideElement',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glide-api-properties'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'Glide API: properties',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glide-api-event-management'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'Glide API: event management',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glide-api-string-utilities'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'Glide API: string utilities',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glide-api-scripting'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'Glide API: scripting',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glide-api-user-roles-and-groups'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'Glide API: user roles and groups',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-setendpoint'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.setEndpoint',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-sethttpmethod'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.setHttpMethod',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-sethttptimeout'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.setHttpTimeout',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-setrequestheader'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.setRequestHeader',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-setrequestbody'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.setRequestBody',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestmessageclient-execute'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTMessageClient.execute',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestresponse-getstatuscode'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTResponse.getStatusCode',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestresponse-getbody'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTResponse.getBody',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestresponse-getheader'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTResponse.getHeader',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestresponse-haveerror'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTResponse.haveError',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptablerestresponse-geterrormessage'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableRESTResponse.getErrorMessage',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-restapirequest'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'RESTAPIRequest',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-restapirequestbody'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'RESTAPIRequestBody',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptableserviceresultbuilder-setstatus'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableServiceResultBuilder.setStatus',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-scriptableserviceresultbuilder-setbody'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'ScriptableServiceResultBuilder.setBody',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-certificateencryption'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'CertificateEncryption',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-glidedigest'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideDigest',
  targetScope: 'global',
  targetType: 'scriptable',
})

CrossScopePrivilege({
  $id: Now.ID['scope-gliderecord-deleterecord'],
  operation: 'execute',
  status: 'allowed',
  targetName: 'GlideRecord.deleteRecord',
  targetScope: 'global',
  targetType: 'scriptable',
})
