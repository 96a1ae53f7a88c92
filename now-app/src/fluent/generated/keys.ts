import '@servicenow/sdk/global'

declare global {
    namespace Now {
        namespace Internal {
            interface Keys extends KeysRegistry {
                explicit: {
                    'acl-connection-create': {
                        table: 'sys_security_acl'
                        id: '53b9333df4764d9c824dcebe2a31f05c'
                    }
                    'acl-connection-delete': {
                        table: 'sys_security_acl'
                        id: 'f1c47616212d4921ac258efd777fbb0c'
                    }
                    'acl-connection-read': {
                        table: 'sys_security_acl'
                        id: '05e7166d37a047cc9f10d0bf0019db34'
                    }
                    'acl-connection-secret-read': {
                        table: 'sys_security_acl'
                        id: '3c1a9891361343e0b66049598f24d18d'
                    }
                    'acl-connection-secret-write': {
                        table: 'sys_security_acl'
                        id: '2990e9f11b684557b2be1bf4d42b0d1c'
                    }
                    'acl-connection-write': {
                        table: 'sys_security_acl'
                        id: 'd96e8362d3f141d2b8a1e8ca9e922204'
                    }
                    'acl-outbox-read': {
                        table: 'sys_security_acl'
                        id: '0e8ca8dc14e1403abab6e61b5cbd05dd'
                    }
                    'acl-outbox-secrets-read': {
                        table: 'sys_security_acl'
                        id: 'a1594d87a65041beab83b1c07cfd0834'
                    }
                    'acl-outbox-secrets-write': {
                        table: 'sys_security_acl'
                        id: '2bac851e1c6547be8cc42ca8d742aaa6'
                    }
                    'acl-rest-admin': {
                        table: 'sys_security_acl'
                        id: '6b34026fc2084e94bc9dc0c8842f1c2f'
                    }
                    'acl-rest-agent': {
                        table: 'sys_security_acl'
                        id: 'dc4c313401bc49149fb0d9b205be8066'
                    }
                    'acl-rest-status': {
                        table: 'sys_security_acl'
                        id: 'b813646623824cfd9f24b9916d2c203e'
                    }
                    'acl-run-page': {
                        table: 'sys_security_acl'
                        id: 'eddf0e6c9d634410a6a154cc1654dad6'
                    }
                    'acl-run-read': {
                        table: 'sys_security_acl'
                        id: 'bcb9cf4923fb4daa9bf61090da9c47f2'
                    }
                    'acl-run-read-auditor': {
                        table: 'sys_security_acl'
                        id: '61e4b91bafc64171ba6ce6fe51dbf52e'
                    }
                    'acl-run-read-own': {
                        table: 'sys_security_acl'
                        id: 'ec24a767632e45158d00eeb7dc78a9e4'
                    }
                    'acl-template-read': {
                        table: 'sys_security_acl'
                        id: '24179ac07cce4032b00d4fe940a0b7a8'
                    }
                    bom_json: {
                        table: 'sys_module'
                        id: 'efacffd7c8c042439b12b8af16e93f86'
                    }
                    'change-closed': {
                        table: 'sys_script'
                        id: '79014e774e584fb68e6a6a532d3b1b78'
                    }
                    'change-created': {
                        table: 'sys_script'
                        id: '66020b2844174a75b66d59ba447c543d'
                    }
                    'change-updated': {
                        table: 'sys_script'
                        id: '7d2e64241ef84424ac938ed982cf63a4'
                    }
                    'connection-check': {
                        table: 'sys_script'
                        id: 'f0e59c7a30a04259978972787dd0b2a9'
                    }
                    'connection-one-active': {
                        table: 'sys_script'
                        id: '7934f45670424db5a73a3a87a5be6581'
                    }
                    'header-signature': {
                        table: 'sys_ws_header'
                        id: '2ff528a673714de383dd1a5a62ae7087'
                    }
                    'incident-closed': {
                        table: 'sys_script'
                        id: '41273774298d4f3a86c1a5f4f7951a17'
                    }
                    'incident-created': {
                        table: 'sys_script'
                        id: '84e82661369445cab9bf231b60eba193'
                    }
                    'incident-updated': {
                        table: 'sys_script'
                        id: 'da266567713e45c3830c6f0668a97f0d'
                    }
                    'item-closed': {
                        table: 'sys_script'
                        id: 'f4f681ca10cd4c4d9cb6797e953fe2d4'
                    }
                    'item-created': {
                        table: 'sys_script'
                        id: 'f61fa37e774047b5a79b9b6a0cea40a5'
                    }
                    'item-updated': {
                        table: 'sys_script'
                        id: 'a00ee844b59e468894a0ced333c14ad3'
                    }
                    'job-sync-templates': {
                        table: 'sysauto_script'
                        id: '5b5db1b5f6924073b3d41a837e6edc6b'
                    }
                    menu: {
                        table: 'sys_app_application'
                        id: 'a2f6cf8d615841b4bc167172bfa8505b'
                    }
                    'menu-connection': {
                        table: 'sys_app_module'
                        id: '14b898e523804e97a073a2fde37d0778'
                    }
                    'menu-dead-letters': {
                        table: 'sys_app_module'
                        id: '18004b124bae425f9f827af53efcbd3f'
                    }
                    'menu-outbox': {
                        table: 'sys_app_module'
                        id: '4e56a4006f48459691d34c8781101f97'
                    }
                    'menu-runs': {
                        table: 'sys_app_module'
                        id: 'f554c22b0e6845878f3569486cf8652a'
                    }
                    'menu-settings': {
                        table: 'sys_app_module'
                        id: '2c3ac2410d4143538e4195a2744cc1d6'
                    }
                    'menu-templates': {
                        table: 'sys_app_module'
                        id: 'b2e4a7704d8743b3b6111ba8435c91ec'
                    }
                    'outbox-clean': {
                        table: 'sysauto_script'
                        id: '44dc0d110d824f08bff07e4215dbc100'
                    }
                    'outbox-event': {
                        table: 'sysevent_register'
                        id: 'cdab4e11564f4ce8b3062825b01facea'
                    }
                    'outbox-queue': {
                        table: 'sysevent_queue'
                        id: '4d7b96fd65024f869c0d57a5a1b6e017'
                    }
                    'outbox-retry': {
                        table: 'sys_ui_action'
                        id: '013785bd2ea846ac8ded17e141ccfdf2'
                    }
                    'outbox-retry-all': {
                        table: 'sys_ui_action'
                        id: 'd6159889be354a06b927fb718540021a'
                    }
                    'outbox-send': {
                        table: 'sysevent_script_action'
                        id: '278764e2e27a4c4fb72d21926b61b474'
                    }
                    'outbox-sweep': {
                        table: 'sysauto_script'
                        id: '23e089bf5d4e4fcab8de651661ba31d9'
                    }
                    package_json: {
                        table: 'sys_module'
                        id: '180a1735591a4a2f9d012a8298200df2'
                    }
                    'property-change-close-code': {
                        table: 'sys_properties'
                        id: '2c18ea6d21d04c59980c4011205c52b9'
                    }
                    'property-change-close-notes': {
                        table: 'sys_properties'
                        id: 'd30522033c034709ac008e82ae35a847'
                    }
                    'property-change-on-hold-reason': {
                        table: 'sys_properties'
                        id: 'ba1eb9112f604880b787245259484e5c'
                    }
                    'property-change-send-closed': {
                        table: 'sys_properties'
                        id: '50497b02460948ec90deee32c25c50cb'
                    }
                    'property-change-send-created': {
                        table: 'sys_properties'
                        id: 'fa93c31176a742d0a8a5ab68991af0b7'
                    }
                    'property-change-send-updated': {
                        table: 'sys_properties'
                        id: '969012cdefc24092a53e3590a7fc026c'
                    }
                    'property-change-state-cancelled': {
                        table: 'sys_properties'
                        id: 'b86046333fe04fe2badf2d5bce183af4'
                    }
                    'property-change-state-closed': {
                        table: 'sys_properties'
                        id: 'f4e8533338174f888ae0c7db9ae1bb3c'
                    }
                    'property-change-state-implement': {
                        table: 'sys_properties'
                        id: '160e0c3952be418c9e2510d09ae97cbe'
                    }
                    'property-change-state-order': {
                        table: 'sys_properties'
                        id: '606d3c255ed7480a8701bb6a8b486912'
                    }
                    'property-change-state-review': {
                        table: 'sys_properties'
                        id: '88a80f0cf7c249c095f1bce297541867'
                    }
                    'property-enabled': {
                        table: 'sys_properties'
                        id: 'bc109963d12345988637ca6165854430'
                    }
                    'property-event-extra-fields': {
                        table: 'sys_properties'
                        id: 'ade329b40b6940218c03b1794a78c6fa'
                    }
                    'property-incident-close-code': {
                        table: 'sys_properties'
                        id: '2110f51519604aed925ffbba74f037af'
                    }
                    'property-incident-close-notes': {
                        table: 'sys_properties'
                        id: '1e4031c76f8c405c89ba71aaa6486126'
                    }
                    'property-incident-send-closed': {
                        table: 'sys_properties'
                        id: '41ed8a7c79774d4fa6e6d2693c7d1449'
                    }
                    'property-incident-send-created': {
                        table: 'sys_properties'
                        id: '1e2a56f49a6b4ed399c73f8216bf387d'
                    }
                    'property-incident-send-updated': {
                        table: 'sys_properties'
                        id: '4450538e04ea4f06812e68400ceb4692'
                    }
                    'property-incident-state-cancelled': {
                        table: 'sys_properties'
                        id: '7ad858e9aa914d5e9c3204644bc035eb'
                    }
                    'property-incident-state-closed': {
                        table: 'sys_properties'
                        id: '65e7ce45bc8f4716a7046fd8df546c57'
                    }
                    'property-incident-state-in-progress': {
                        table: 'sys_properties'
                        id: '9c03b39d8aa44a0c9c5b3ae93b1ce8a1'
                    }
                    'property-incident-state-on-hold': {
                        table: 'sys_properties'
                        id: '676d3975fc924fee8297adf5f314f552'
                    }
                    'property-incident-state-resolved': {
                        table: 'sys_properties'
                        id: '10a7a4d018454893a030af51ede9d4e9'
                    }
                    'property-integration-user': {
                        table: 'sys_properties'
                        id: 'c76c7d72c43048a5b9be451c5e52243e'
                    }
                    'property-item-close-notes': {
                        table: 'sys_properties'
                        id: '2a1d37063c224901b8161d4f7f7e3451'
                    }
                    'property-item-send-closed': {
                        table: 'sys_properties'
                        id: '7ad84a206b644c7da6d1e978a76ef99c'
                    }
                    'property-item-send-created': {
                        table: 'sys_properties'
                        id: '4dbd1a7e03384f76b6145e885f9cd159'
                    }
                    'property-item-send-updated': {
                        table: 'sys_properties'
                        id: '81475a0d52304135ac59f34f0358106c'
                    }
                    'property-item-state-cancelled': {
                        table: 'sys_properties'
                        id: '025b1bbb9d8b4ba69de49da98e262dc7'
                    }
                    'property-item-state-closed': {
                        table: 'sys_properties'
                        id: '9e43d29cbdd5449089f9b159bebeba19'
                    }
                    'property-item-state-closed-incomplete': {
                        table: 'sys_properties'
                        id: '20062792ea2f4a4db83d669ec6254456'
                    }
                    'property-item-state-in-progress': {
                        table: 'sys_properties'
                        id: '542135cc48a94b929a7cab9b0ec0c8d3'
                    }
                    'property-outbox-retention-days': {
                        table: 'sys_properties'
                        id: '3ce8a58a1795459a9106bee16e992759'
                    }
                    'property-send-max-attempts': {
                        table: 'sys_properties'
                        id: 'fdd3a7c4309a4f5eb92f1b5545c31c57'
                    }
                    'property-send-timeout-ms': {
                        table: 'sys_properties'
                        id: '70b469c8498f4d01b2cf361171e443c1'
                    }
                    'rest-api': {
                        table: 'sys_ws_definition'
                        id: '1e08e5516c0e4a4ea6b79a532162059a'
                    }
                    'rest-api-v1': {
                        table: 'sys_ws_version'
                        id: 'f2e117a249cd4bddabbcf4e4b5dd0beb'
                    }
                    'route-preview': {
                        table: 'sys_ws_operation'
                        id: '078544bc117e4f1093dd0554d1f89144'
                    }
                    'route-run': {
                        table: 'sys_ws_operation'
                        id: 'da0adf34f4fb422a9f37976ee615efee'
                    }
                    'route-run-cancel': {
                        table: 'sys_ws_operation'
                        id: 'b90eae69082d4762ab684af2bd161b2c'
                    }
                    'route-run-create': {
                        table: 'sys_ws_operation'
                        id: 'fe8e7ad514ee4fa1b031ff5b7f62c1f8'
                    }
                    'route-status-updates': {
                        table: 'sys_ws_operation'
                        id: '1dbcbe43d1544c5f9b937872fe126428'
                    }
                    'route-template-sync': {
                        table: 'sys_ws_operation'
                        id: 'ba39e6ec2a18444abd913330b22989c0'
                    }
                    'run-automation': {
                        table: 'sys_ui_action'
                        id: '7c38160af10b40d6bed18db55a27ff34'
                    }
                    'run-automation-change': {
                        table: 'sys_ui_action'
                        id: 'c2df5ac5daa74678b5e1da222c0d3848'
                    }
                    'run-automation-item': {
                        table: 'sys_ui_action'
                        id: 'a32651d0e97f4542a6686b26d4c6f112'
                    }
                    'scope-certificateencryption': {
                        table: 'sys_scope_privilege'
                        id: '6a59f1a7fd614926961eaf5bd4c0c4e1'
                    }
                    'scope-change-request-read': {
                        table: 'sys_scope_privilege'
                        id: '9c89299aec594752a0b483d2286370b8'
                    }
                    'scope-change-request-write': {
                        table: 'sys_scope_privilege'
                        id: 'f3e156c6fec1491a941d71b6a88f7c1b'
                    }
                    'scope-chg-model-read': {
                        table: 'sys_scope_privilege'
                        id: 'e527096c503041368bdee21c9dc08913'
                    }
                    'scope-cmdb-ci-read': {
                        table: 'sys_scope_privilege'
                        id: 'caf0e2f9b1534161b164427c8c6335f6'
                    }
                    'scope-cmdb-ci-service-read': {
                        table: 'sys_scope_privilege'
                        id: 'a3f6af56f19c4457ad29436899a1533f'
                    }
                    'scope-glide-api-event-management': {
                        table: 'sys_scope_privilege'
                        id: '17f81494719341c692f4980023ded1e0'
                    }
                    'scope-glide-api-properties': {
                        table: 'sys_scope_privilege'
                        id: '9d46d8b024ff4726b6de7a2dc45bd35b'
                    }
                    'scope-glide-api-scripting': {
                        table: 'sys_scope_privilege'
                        id: 'a79fad5bccb64285b8b0866fb30f008c'
                    }
                    'scope-glide-api-string-utilities': {
                        table: 'sys_scope_privilege'
                        id: '1420900cd77743cba2d2ca2f689c4026'
                    }
                    'scope-glide-api-user-roles-and-groups': {
                        table: 'sys_scope_privilege'
                        id: 'fc57072036584a15b1361d910d73a7f8'
                    }
                    'scope-glidedigest': {
                        table: 'sys_scope_privilege'
                        id: '1301fc24d9fd4478bb6201bc24bf0fd2'
                    }
                    'scope-gliderecord-deletemultiple': {
                        table: 'sys_scope_privilege'
                        id: '18def922eea34a5eb0e2b09f8138e559'
                    }
                    'scope-gliderecord-deleterecord': {
                        table: 'sys_scope_privilege'
                        id: '0baa193dd34c4704b2bde85631073cde'
                    }
                    'scope-gliderecord-insert': {
                        table: 'sys_scope_privilege'
                        id: 'ec0e4e0f21ce4d8581cd4941ae59260c'
                    }
                    'scope-gliderecord-setvalue': {
                        table: 'sys_scope_privilege'
                        id: '6181a40d562043ae980c2327d96849f8'
                    }
                    'scope-gliderecord-update': {
                        table: 'sys_scope_privilege'
                        id: '32aa261be5244ccb8a4c8650ff81e175'
                    }
                    'scope-gliderecord-updatemultiple': {
                        table: 'sys_scope_privilege'
                        id: '026d611331c64ac2b10de57eb4d4bcb8'
                    }
                    'scope-incident-read': {
                        table: 'sys_scope_privilege'
                        id: '91e2c72e595a4c8fa540de61076d05bc'
                    }
                    'scope-incident-write': {
                        table: 'sys_scope_privilege'
                        id: '8dda0a551207441a9cdff470735c7445'
                    }
                    'scope-item-option-new-read': {
                        table: 'sys_scope_privilege'
                        id: 'b952cee16ece4aa8bc9338766a68b358'
                    }
                    'scope-problem-create': {
                        table: 'sys_scope_privilege'
                        id: 'efc2e6f258574b169455af2a9e6966c2'
                    }
                    'scope-problem-read': {
                        table: 'sys_scope_privilege'
                        id: '844f7e41a15c42e59265819834e17c3d'
                    }
                    'scope-restapirequest': {
                        table: 'sys_scope_privilege'
                        id: 'e1de0ed8c4d24547a95030a0469da718'
                    }
                    'scope-restapirequestbody': {
                        table: 'sys_scope_privilege'
                        id: '463bce71f95c4aedac42a606fa0a51fc'
                    }
                    'scope-sc-cat-item-read': {
                        table: 'sys_scope_privilege'
                        id: '52e0a8dac77542e6befb3ad89eb06554'
                    }
                    'scope-sc-category-read': {
                        table: 'sys_scope_privilege'
                        id: '53a34acff40e46de9aae589836fc3a22'
                    }
                    'scope-sc-item-option-mtom-read': {
                        table: 'sys_scope_privilege'
                        id: '8be5493742834d5b9cae0743bd8a4a73'
                    }
                    'scope-sc-item-option-read': {
                        table: 'sys_scope_privilege'
                        id: '1885a8f5c23d47fc92566145f5bbc4c3'
                    }
                    'scope-sc-req-item-read': {
                        table: 'sys_scope_privilege'
                        id: '0dc867ac128547aab1da7a7c62b53e05'
                    }
                    'scope-sc-req-item-write': {
                        table: 'sys_scope_privilege'
                        id: '39db987ffbf04b589cca71ea385c2e6f'
                    }
                    'scope-sc-request-read': {
                        table: 'sys_scope_privilege'
                        id: '6d4a0dc8d8954e4fa9eff02baec34bdf'
                    }
                    'scope-scopedglideelement': {
                        table: 'sys_scope_privilege'
                        id: '1fb25a5077cc41c4bc17359d320c1c1b'
                    }
                    'scope-scopedgliderecordsecure': {
                        table: 'sys_scope_privilege'
                        id: 'd82f053131e7454f969ec5c0ff2260f2'
                    }
                    'scope-scriptablerestmessageclient-execute': {
                        table: 'sys_scope_privilege'
                        id: '6a85bc78177b4438a5cab01abe8d8d3f'
                    }
                    'scope-scriptablerestmessageclient-setendpoint': {
                        table: 'sys_scope_privilege'
                        id: '19981aa2544549a8960f3eef2d33e8e3'
                    }
                    'scope-scriptablerestmessageclient-sethttpmethod': {
                        table: 'sys_scope_privilege'
                        id: 'ccba96230c0044c586ae96271ffe4b17'
                    }
                    'scope-scriptablerestmessageclient-sethttptimeout': {
                        table: 'sys_scope_privilege'
                        id: 'f1f07a8635954a478f6b4c74a43086dc'
                    }
                    'scope-scriptablerestmessageclient-setrequestbody': {
                        table: 'sys_scope_privilege'
                        id: 'd294fff14d164413aa81f636786c9107'
                    }
                    'scope-scriptablerestmessageclient-setrequestheader': {
                        table: 'sys_scope_privilege'
                        id: 'e25e7a254ef14556bc36252086433a63'
                    }
                    'scope-scriptablerestresponse-getbody': {
                        table: 'sys_scope_privilege'
                        id: 'e27914ddf5b94314a9e8077d0d8db034'
                    }
                    'scope-scriptablerestresponse-geterrormessage': {
                        table: 'sys_scope_privilege'
                        id: '4a5e7ced36a840258d2f808d92f804a8'
                    }
                    'scope-scriptablerestresponse-getheader': {
                        table: 'sys_scope_privilege'
                        id: 'b1af810754af4bd1abf329e7fc0d51e8'
                    }
                    'scope-scriptablerestresponse-getstatuscode': {
                        table: 'sys_scope_privilege'
                        id: '1a2e8878dea0488c909aa9971afe39bd'
                    }
                    'scope-scriptablerestresponse-haveerror': {
                        table: 'sys_scope_privilege'
                        id: 'b491da645f3d4571abae8aca89c5d840'
                    }
                    'scope-scriptableserviceresultbuilder-setbody': {
                        table: 'sys_scope_privilege'
                        id: '2954e7936f334dbe81cd4894532c6654'
                    }
                    'scope-scriptableserviceresultbuilder-setstatus': {
                        table: 'sys_scope_privilege'
                        id: '4da5552a2dc54a41a377886188ef807f'
                    }
                    'scope-sys-choice-read': {
                        table: 'sys_scope_privilege'
                        id: 'c865a19155f046b6915c5de3e4563119'
                    }
                    'scope-sys-journal-field-read': {
                        table: 'sys_scope_privilege'
                        id: '08159ca1f05b453db9ecc807dd6591b1'
                    }
                    'scope-sys-user-grmember-read': {
                        table: 'sys_scope_privilege'
                        id: '3cf4517b0d154b47b50badf7ffb60e8c'
                    }
                    'scope-sys-user-group-read': {
                        table: 'sys_scope_privilege'
                        id: '2a258efc3cd849b0a9d0c5f9fbe0146d'
                    }
                    'scope-sys-user-has-role-read': {
                        table: 'sys_scope_privilege'
                        id: 'fdd6151e96d048cf81a09ae76a942855'
                    }
                    'scope-sys-user-read': {
                        table: 'sys_scope_privilege'
                        id: 'a0b78675f50a4cc79dbe29afe56cfea1'
                    }
                    'scope-sys-user-role-read': {
                        table: 'sys_scope_privilege'
                        id: 'e45126cdc7ca42dfa5f25d7a417a271c'
                    }
                    'scope-task-ci-read': {
                        table: 'sys_scope_privilege'
                        id: 'b8c00b68ffd94115b0c5b3d22a2afe7f'
                    }
                    'scope-task-cmdb-ci-service-read': {
                        table: 'sys_scope_privilege'
                        id: 'cd2f11cede0d46f58c2d2dfb961190f8'
                    }
                    'scope-task-read': {
                        table: 'sys_scope_privilege'
                        id: '772ca2e60cc149f090111f3f70cc42ab'
                    }
                    src_server_affected_ts: {
                        table: 'sys_module'
                        id: 'c63789bcba2347e9a56e60ea10365dc7'
                    }
                    'src_server_build-event_ts': {
                        table: 'sys_module'
                        id: '18faf7aa346f4925ab0c86e1a7853266'
                    }
                    'src_server_call-connector_ts': {
                        table: 'sys_module'
                        id: '8aa5ea52922045eabb6a360189f12c99'
                    }
                    src_server_choices_ts: {
                        table: 'sys_module'
                        id: '0b60d749f4664e639956550230f40efa'
                    }
                    src_server_clock_ts: {
                        table: 'sys_module'
                        id: '2c0804937f20489e9043ead9e0bc84bb'
                    }
                    src_server_connection_ts: {
                        table: 'sys_module'
                        id: '90fbcd300135455cb9dd7469653c89c5'
                    }
                    'src_server_connector-answer_ts': {
                        table: 'sys_module'
                        id: 'c03f79b3198a40c4954507620e214fa8'
                    }
                    'src_server_dead-letters_ts': {
                        table: 'sys_module'
                        id: 'c70fe2d9eca24240b6664dd9ad06d355'
                    }
                    src_server_delivery_ts: {
                        table: 'sys_module'
                        id: 'e1f08a4d8dc845e9a1083ad8d885a2be'
                    }
                    src_server_guard_ts: {
                        table: 'sys_module'
                        id: '45512b359992499a878c58b6c2536a53'
                    }
                    'src_server_hand-over_ts': {
                        table: 'sys_module'
                        id: '14e650f827c24c93aaea4b37d4a5578c'
                    }
                    src_server_outbox_ts: {
                        table: 'sys_module'
                        id: '8b67f65b7c5c40abaa41b7fab45562dc'
                    }
                    'src_server_parameter-rules_ts': {
                        table: 'sys_module'
                        id: '9806b2676d5843a68dee381922d0d075'
                    }
                    src_server_person_ts: {
                        table: 'sys_module'
                        id: '4dbc5d7aae9f499db0e2ffe604106ecb'
                    }
                    src_server_preview_ts: {
                        table: 'sys_module'
                        id: '3436702bac194a15b4b00443e24c3069'
                    }
                    'src_server_rest-reply_ts': {
                        table: 'sys_module'
                        id: '5de053c368b84df5b381bec5003bd621'
                    }
                    src_server_retry_ts: {
                        table: 'sys_module'
                        id: '352767ee42094983bee3a60de9572c4b'
                    }
                    'src_server_run-action_ts': {
                        table: 'sys_module'
                        id: 'cbaa3d43199e4901a84b2744b2f13c22'
                    }
                    'src_server_run-record_ts': {
                        table: 'sys_module'
                        id: '316e9299745e4bb49f5b35b117218eee'
                    }
                    src_server_runs_ts: {
                        table: 'sys_module'
                        id: 'ec28b68de4b744a3a26ca1004973ea4f'
                    }
                    src_server_send_ts: {
                        table: 'sys_module'
                        id: '5ecb5dab351d4150ac96c3774423679e'
                    }
                    src_server_settings_ts: {
                        table: 'sys_module'
                        id: 'ed6a89e9e7f7410eb430758f07c49806'
                    }
                    src_server_sign_ts: {
                        table: 'sys_module'
                        id: '5bedc92629fe4283b9b7b80cfe010269'
                    }
                    'src_server_status-updates_ts': {
                        table: 'sys_module'
                        id: 'd37c721c85de499f9e952565f8521d08'
                    }
                    src_server_sweep_ts: {
                        table: 'sys_module'
                        id: 'ece9c81dbceb4aeeb3aea7babd6613e6'
                    }
                    src_server_templates_ts: {
                        table: 'sys_module'
                        id: '69cf2db1c4674ed3baac62111074eb43'
                    }
                    src_server_text_ts: {
                        table: 'sys_module'
                        id: '6c9e08653f92429193f5a77e00bf9dac'
                    }
                    src_server_ticket_ts: {
                        table: 'sys_module'
                        id: 'db38bc71594b42e7a11c5303ae5775d1'
                    }
                    'src_server_ticket-change_ts': {
                        table: 'sys_module'
                        id: '5c71cffb9e044e288d89bf0b99326172'
                    }
                    'src_server_ticket-rules_ts': {
                        table: 'sys_module'
                        id: '681a2562304a416fb8c6668e6fe7c739'
                    }
                    'src_server_ticket-states_ts': {
                        table: 'sys_module'
                        id: '28759ca88a99435293007f5c801b9ed6'
                    }
                    'src_server_ticket-tables_ts': {
                        table: 'sys_module'
                        id: '216409a4c0264163b04c94846bd8e1bb'
                    }
                    src_server_variables_ts: {
                        table: 'sys_module'
                        id: '06193031e5a84be79f58687d1ca4ac3a'
                    }
                    'src_server_work-note_ts': {
                        table: 'sys_module'
                        id: 'd077eb52504d46178ecf708169a62782'
                    }
                }
                composite: [
                    {
                        table: 'sys_dictionary'
                        id: '0152e2ea4fd64dea93ba86a03ef16437'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'version'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '01c3d40324134e72ac015a12678ce5aa'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            value: 'run.requested'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '02c5c1f7f94a4602b6d10da35c732705'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'key_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '030f3e795916475fa66a4ebbd582173c'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'name'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '0398c21146cc4ecba497a43a2707a6c2'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                            value: 'manual'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '0418405bd15846a79a49962b0d640f6a'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'actor'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '05226a5a6d074e3ca99900ccc7dffcfb'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            value: 'ticket.updated'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '05a05ca59fb34fba93dbb2b3b28a0674'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_job_template'
                            col_name_string: 'name'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '08d9b153221244b3b46956808ae4cce8'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'job_id'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '0900a580391544bebeccb2cdae275cb7'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'cancel_requested'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '0ac7942a0f0b4aca97e8dbb486689b69'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'problem'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '0c4439eecf444b418815389b354a31e5'
                        key: {
                            sys_security_acl: '05e7166d37a047cc9f10d0bf0019db34'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: '0c7708b300134f689d4e1ddddd52a6e4'
                        key: {
                            sys_ui_action: '013785bd2ea846ac8ded17e141ccfdf2'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '0d6ad7c73a57407f9842772afc8aacba'
                        key: {
                            sys_security_acl: 'eddf0e6c9d634410a6a154cc1654dad6'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '0ded8f8a5dd14a4ab90088524878bb63'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step_position'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '10cbf6d3bddc4d86b697e4f1f5696385'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'audience'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '11c19caed485481b8115ab18ae08f71a'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'key_id'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '15f1fec08983445485de776ea08df13a'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'ticket_table'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '161ee6dbcf6b4d64bde3bcd2851e0fe8'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'claim'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '162d50560d504e9a9471662fb5894609'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                            value: 'rollback'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1631faeabd174b398039bde14cbd941b'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'timeout'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '1671dabc240b4bbda6e0d07eb413c2e2'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'message'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '167875abf8bc44bab020c12ebebd3f95'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'active'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '16bbdaa0257d42bebacee31426d4acb5'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'issuer'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '171b9522688e4e5c930964e2554a87af'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '17669c610b2b4a6fbae0a3b30ac157b9'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'ticket'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '1bbd6e8a9c5b4b8c8cc25de8cad7bc30'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_run'
                            col_name_string: 'ticket'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '1c0bfaf7305a40748ddec5455aec28a0'
                        key: {
                            sys_security_acl: '61e4b91bafc64171ba6ce6fe51dbf52e'
                            sys_user_role: {
                                id: '9737074b7b3a429680e0705a6a410b23'
                                key: {
                                    name: 'x_snc_ticket_auto.auditor'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1c40149f39f64bfcbe7f7a0054b6f3a8'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'run'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1c8b85048b5147a58627c39810543e25'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'title'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1ca9248c6d7445f2b863ee341b94402b'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'job_url'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '1ccd3a6dcd1545a39df1f1a9333a8829'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'planned'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '1cfc9185c95643988abda2093b47a008'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'attempts'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1d576f9efbbb4c62ae5182e5c0cbcd14'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'synced_at'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1d926314cdf342c99846ce2274495562'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'actor'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '1d92697fd4744f99b664dc0ad3d2a3dd'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'sys_created_on'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '1dd1226fac4a41779dfc4824bbc44589'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'name'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '1df6056dfcf241dc8bf34153fa460ef6'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'description'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '1e94b25b01d44530b4c2b64b3fe9ae5d'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                            value: 'sending'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '1e9ce772b5ad476f811dc4c753559f66'
                        key: {
                            name: 'x_snc_ticket_auto.requester'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '1f17bdf3703b40dabe7cb2085405f4bf'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket'
                        }
                    },
                    {
                        table: 'sys_ux_lib_asset'
                        id: '1f447cfc27264c7f858a42234043c6f4'
                        key: {
                            name: 'x_snc_ticket_auto/run/main.js.map'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '209c89c951ec45ff8bb7e28d0b7d72bd'
                        key: {
                            sys_security_acl: 'b813646623824cfd9f24b9916d2c203e'
                            sys_user_role: {
                                id: '50ef8725b5aa4f60b02ec88b14f0771b'
                                key: {
                                    name: 'x_snc_ticket_auto.integration'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list'
                        id: '20aac25a0ca54bb0974c165dc14658bb'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            view: {
                                id: 'Default view'
                                key: {
                                    name: 'NULL'
                                }
                            }
                            sys_domain: 'global'
                            element: 'NULL'
                            relationship: 'NULL'
                            parent: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '226e3b7ec3884ad2980a4c7fd4267c4c'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'url'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '231b6da632314bb1a6e31c07b2eaf514'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'parameters'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '25ffa03b01354e3b9f96da796bfa2b63'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'parameters'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '27d362e13e41429480ec37bd0d105af7'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'attempts'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '287e0827e1c044c38ca568f89872fc3f'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template_title'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '2a91621ef2e842119cb75ca351efd457'
                        key: {
                            name: 'x_snc_ticket_auto.admin'
                        }
                    },
                    {
                        table: 'sys_ui_list'
                        id: '2aa14abfa8d8430da661483cf0a85059'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            view: {
                                id: 'Default view'
                                key: {
                                    name: 'NULL'
                                }
                            }
                            sys_domain: 'global'
                            element: 'NULL'
                            relationship: 'NULL'
                            parent: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2bbe7d6dfb6948d7b74bb24383886436'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'decision_summary'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '2cf6a70367b74feba324ab031def6b6f'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                            value: 'post_check'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '2d0a7c1ceb584d12875a6218cc4b0fa7'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'audience'
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: '2d311a6c4be64083ab5c3bb6f67876be'
                        key: {
                            role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                            contains: {
                                id: '9737074b7b3a429680e0705a6a410b23'
                                key: {
                                    name: 'x_snc_ticket_auto.auditor'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2ecd514b97954beb8c2e4a3270527da6'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'name'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '2fb59bf65ee54771b59e460d8f5e1a63'
                        key: {
                            sys_security_acl: '6b34026fc2084e94bc9dc0c8842f1c2f'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '307b24502a2c443da6f1680dbd833521'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'tables'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '30ad5cb64fad43a6b1209a90968c755e'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'finished'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '313923b6abad4bceb5c3a8eed8461c2e'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'decision'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '3372f199b1344815b47553a3af32a2e9'
                        key: {
                            sys_security_acl: 'f1c47616212d4921ac258efd777fbb0c'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '338af75ab8c244108dd827b0ec0d2ab0'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '34181d1855b84ab08a407035597d72ea'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'failed'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '36fce44acebd41a0933e420ed3920cc6'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'signing_secret'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '38dcdde8a09f425d90b1506fb51635ab'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'window_end'
                        }
                    },
                    {
                        table: 'sys_user_role_contains'
                        id: '3920bf969f5343cb9000ebb9989a6ca1'
                        key: {
                            role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                            contains: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '3b91913da8724c3191b6aab77fa8fa63'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'rolled_back'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '3d67f155fed54b908f368c1d1a19c28b'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'progress'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '3e2502cfc49d434bbe23f62f8f9aa19c'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template_version'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ws_header_map'
                        id: '4279f493b9354d3bbba2f912d7fb9dfa'
                        key: {
                            web_service_operation: '1dbcbe43d1544c5f9b937872fe126428'
                            web_service_header: '2ff528a673714de383dd1a5a62ae7087'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4356d2cdc38c438089f6fad5bd74349c'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'output'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '4402ccb3adba4873837742e3d1629140'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                            value: 'sent'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '4505a09bec38410a8ee22db3563df00a'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'waiting'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '4518158f145a4516a9967e0de4b31e90'
                        key: {
                            sys_security_acl: '24179ac07cce4032b00d4fe940a0b7a8'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '452c890ffe9248039aff64c27cbd33c3'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'last_error'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4599cb9e5bea48b8ab1941360e5d41ad'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'job_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '468f331e39e246f1800979dcb6796ae7'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'event_type'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '46c7be5be71f4938a9f4a1404f256e1f'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '46e792274cf74dc5b90e6cda5b2def11'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '474f765daef04b0ba70834200e373032'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'sent_at'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '475a9000e9be41d29c9c0805faec75db'
                        key: {
                            sys_security_acl: '53b9333df4764d9c824dcebe2a31f05c'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '47e50b235d3948c69a69d7dfc27a2c3f'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_outbox'
                            col_name_string: 'ticket,state'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: '485981a3b97445fcb3a6812cec43fe02'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4ad0f7ebf7a843238458a8d3b7246e87'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'run'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '4c4dd3e293b748669e1d8b6ecbf0ba22'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'title'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '4cbe6d5017ea42c387cfcc617e8d7f64'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'active'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '4f3affc446c94d148c90117f0202b97f'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'digest'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '4f9f5c4e9bdd48e493836502d06261fc'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'active'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '5087eeaabd2b4f5bac4d1e9d0cd27562'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '50ef8725b5aa4f60b02ec88b14f0771b'
                        key: {
                            name: 'x_snc_ticket_auto.integration'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '5281bd3ab1014036b31c4d448c06010a'
                        key: {
                            name: 'x_snc_ticket_auto.agent'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: '54283e10c8884bf793be5b625f59dad7'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '55d178fcb3454219a250f983236a06d2'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'signing_secret'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '565184c082314fc5a069e8b871ce237e'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '590e48cfae0042bbb82dd26e48696399'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '599b9fa20304489da03c1d5c459acd06'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_run'
                            col_name_string: 'run_id'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '59a73fe7c5c342919e2e9e3391fb5a68'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                            value: 'updated'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '5a066528a91a46e5a6bc97445269be19'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'problem'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '5a30e24a9ded477e90fa5d0dcebb2258'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'run_request'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '5b34d3d877824a6f9e95c5e5a33db4b5'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'decision'
                        }
                    },
                    {
                        table: 'sn_glider_source_artifact_m2m'
                        id: '5b5ca32a803240a1b1af94093e558d60'
                        key: {
                            application_file: '7c1ab60bd5fc47548ff2c36bd505883f'
                            source_artifact: 'ea0620049008412da81eaa2104e2efdc'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '5bc5aa8484e045ad8042077f031e23cd'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'next_attempt'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '60768771b187443089fe9fd1ac7bf06a'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template_title'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '620df3def4b94741915e7be5f567791c'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'sequence'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '62220955c69f46fa9f7b4e93d1c52941'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'output_omitted'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '63151ce73c3c4de4adf9ae64662810c8'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'digest'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '646a28738a034a62a71609db769a1930'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'succeeded'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '6665f0040e70415f976fc01dbc7f871e'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '6680b7a58d0e42cdb3c45b8b7cb38d09'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: '674a638c240747a8891dd4d0ad3ce957'
                        key: {
                            sys_ui_action: 'a32651d0e97f4542a6686b26d4c6f112'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '675dd32f04ba489888ba1fa8aff6f9fd'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'trigger'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '691b9d873c1e44d58ebe4ad480b3fc54'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '6b9f443facfd45acae2a94246683a485'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'refusals'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '6e77e67917a34022a742ab40b2f1500c'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                            value: 'pending'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '6f7f89a201664af587756904519b49e7'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_outbox'
                            col_name_string: 'state,next_attempt'
                        }
                    },
                    {
                        table: 'sys_ui_page'
                        id: '6fd2916ab7484899a9faababcf8270ab'
                        key: {
                            endpoint: 'x_snc_ticket_auto_start.do'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '7039097b82e94fc5b2bbf2ea83887cff'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'name'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '70a142c9fa52409387399466c5c3b51e'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'key_id'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '72aba8e4d2284c6c9579eaf669b679d7'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '72f28b63b72f4f00b47217ea35bcb4e3'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'content'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '73afc6efc1a14c2ab64f75496802811f'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                            value: 'execute'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sn_glider_source_artifact_m2m'
                        id: '761bfa30171c4c8ea98ea9e3981e36d3'
                        key: {
                            application_file: '6fd2916ab7484899a9faababcf8270ab'
                            source_artifact: 'ea0620049008412da81eaa2104e2efdc'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '76274da31f64416db3e6f333cb6a373b'
                        key: {
                            sys_security_acl: 'ec24a767632e45158d00eeb7dc78a9e4'
                            sys_user_role: {
                                id: '1e9ce772b5ad476f811dc4c753559f66'
                                key: {
                                    name: 'x_snc_ticket_auto.requester'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '76ee0df712714c3dacda39ce9ec7eb88'
                        key: {
                            sys_security_acl: '2990e9f11b684557b2be1bf4d42b0d1c'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '773f02a6158e462ebf6ed3b63b345b63'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '781a1916f6fe4fefab4b71d251a418f3'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'rolling_back'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '7900c15e747a4ecf94847500c690162a'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'position'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '79ebd069a2fe422ba65baf91d0826c68'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'content'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '7b8335da21054b1d940d69aecf52a79b'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                            value: 'pre_check'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ux_lib_asset'
                        id: '7c1ab60bd5fc47548ff2c36bd505883f'
                        key: {
                            name: 'x_snc_ticket_auto/run/main'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '7d5c99dea9de456f8d524bdb178b8bb8'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '7e8b65f830b9482eb7443198349f1073'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: '7eeb2432626b45c2876874cd6634f119'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'unknown'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '808d1164e32a4e3bad2ab9a7a822ebca'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'secrets'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '81498a6b10754ec9a526a4e16fa57cb7'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'synced_at'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '84494190ae7b4fa093e19f4fb0bd36d7'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '8505d2901f3d43a98376b616139dab9c'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'tables'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: '883232dc04824004b640a4e0c638ca9c'
                        key: {
                            sys_security_acl: 'bcb9cf4923fb4daa9bf61090da9c47f2'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '88b9019aad914e1e8b9be0107636db69'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'last_error'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '8b8810e5a2d742b6ac76f0e7ad8b8882'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'version'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '8c17b2a6c0444e2599ac9c81987ada22'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step_total'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '8e62b5d019ee42ae8275e4bc15e9cb9c'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'position'
                        }
                    },
                    {
                        table: 'sn_glider_source_artifact_m2m'
                        id: '8f1c7786d9f24e3cba7ba516ded83eb8'
                        key: {
                            application_file: '1f447cfc27264c7f858a42234043c6f4'
                            source_artifact: 'ea0620049008412da81eaa2104e2efdc'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '8f31b386f8954f909a94597aa7c60faa'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'run_id'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: '9287c0f1267c406e9214a022b1271956'
                        key: {
                            list_id: {
                                id: 'c8f3e20440204169802d9e7af13215b2'
                                key: {
                                    name: 'x_snc_ticket_auto_job_template'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'active'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '931fdc911e9f40cd9c5640a9ad76128c'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'refusals'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '940957e876a2450ca1bd546a273f5619'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'active'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '9704bb29032d401abc5e8189a3a50903'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'sent_at'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_user_role'
                        id: '9737074b7b3a429680e0705a6a410b23'
                        key: {
                            name: 'x_snc_ticket_auto.auditor'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '9994adb7326342ceafd2ca330c1d8ed6'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'name'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '9b5a187b6b14411ca147569396d04a7c'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'url'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '9c20b8e4b8f7491ca4099a1539028960'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'run_id'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '9d8d425ce1b74bbd8701fd4be614f7ef'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step_position'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '9fe27b6511c34e7f9a09a2d7f0a6963f'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a09f3a23976f4033956d52b9325173df'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'description'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a20959d9cbfa40d5943ef563f919da47'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_id'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a2b2ccc254664c6ebdee1fabee55c6eb'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'a34acab0ced94fb486c89ebaa0b50cfe'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'rollback_failed'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'a395b71e7f3c478fb4cc90a78518ddae'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'window_start'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'a5270fd18784461ea62468170cc2dc29'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'issuer'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a667190cb8ca4c5ea63e98c9e8d315a2'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'decision_summary'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'a7c3eb945e1044b89770f24efc52746c'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'problem'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a81230e20e41436e97036115902dbb48'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'ticket_table'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a88b3d6e7b204f669e4a6cb840ed5689'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'claimed_at'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'a967083ef5cb42c296856e4a2158ba49'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a9be449087ca4e569f54dd009301e5b0'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'message'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'adec670c2fe54beca34c75391167edfa'
                        key: {
                            sys_security_acl: 'd96e8362d3f141d2b8a1e8ca9e922204'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'b0d30c6063474164ab723ef812c7d82e'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'progress'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'b13acb23c5d94d5c81f4fbfea5861f46'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'requested_by'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'b20814d8876341cb9d48083cd99d48d7'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'claimed_at'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'b3dc8a2cf93544f0961989a6ec8eb720'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'next_attempt'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b4089495fb9e4b0c822e6bf977dda30b'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'output'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b45c8927b23d425d91aa7537e58c1b26'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'ticket'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b5a6ac30a0ed43c1820ea59e3deccca8'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'started'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'b6d7d3ba36444cf8a03f7ba7a10ed571'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'template_title'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b82d9caa00934b368700ab72c7433dd4'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket_number'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: 'b84fa9f95ec04d5db4ab6297ffbd7b82'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'b975897f4e5841f18128f9ffa8b9b39f'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'cancel_requested'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'baad02ed4d584a8cb4f29314a31249e4'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'baef5d9b43d94b919658539293fe4a2d'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'note_keys'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'bea04c83d64a4ab8a8d607ad03db93c4'
                        key: {
                            sys_security_acl: '24179ac07cce4032b00d4fe940a0b7a8'
                            sys_user_role: {
                                id: '9737074b7b3a429680e0705a6a410b23'
                                key: {
                                    name: 'x_snc_ticket_auto.auditor'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c06f45055e864d7594025565ed437d43'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c0aec0679c404a159eb6fb058aca8069'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'c0cf0bb1e96648d6931eef38d62a9fb3'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'c1eb7842cd234cfabbd60fb47feccb2e'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket_number'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: 'c2ff3729567d445192422044d79d7800'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c3ac53e1619f44ce840714ba0f57cd94'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'c5119e48d4a6495b91308a56e354ef18'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'ticket_number'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'c62f039c569149b4b89844801e7d38b8'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'url'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'c6940cdd9b09468fa7d096fc89c9eaa3'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                            value: 'created'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'c6b582aff0cd4ac4bf4a873dd71244be'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'note_keys'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c6c2e27eec7f4a6a911f9e98aabbfffc'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'sequence'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'c7a9ec32640e4902896777d1ffc55347'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket_table'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'c87235859d524f1c982d7c41b7936b0b'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'version'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_ui_list'
                        id: 'c8f3e20440204169802d9e7af13215b2'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            view: {
                                id: 'Default view'
                                key: {
                                    name: 'NULL'
                                }
                            }
                            sys_domain: 'global'
                            element: 'NULL'
                            relationship: 'NULL'
                            parent: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c950ee1260b74a98b099df6029472eed'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'attempts'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'ca65694e8e6046488265ec5c82402c0e'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'synced_at'
                            language: 'en'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: 'cacfef4f13a642d2bf6483333c370fdf'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'cd3d9fe87c0c4c0a96a344932a32d630'
                        key: {
                            sys_security_acl: '3c1a9891361343e0b66049598f24d18d'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'ce46f439de4449cc95636887ffae9781'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'cancelled'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'ced8fb0080f94ae6a8e462144ab61317'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            value: 'ticket.closed'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'ceeaa89837e74ba0b12dcc9b134d6f11'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'cf1ad146be1949c5b412d072b4f746f5'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'secrets'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd02f8354352d4bd9bf8169855a1dd31e'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'run_request'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd0b9caf674254ce289321be405c86c9d'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'title'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd192f943972246d0ae0300ebf443e251'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'audience'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd2040c80224848f3b0f0257696d50222'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'started'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'd2fa66a893424a90b58b459a9ba50da7'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'refused'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'd388ab8f88e2410a9155580afa66468e'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'active'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd3b81fbf2c2d4fa082fe1af546db400f'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd432a26e4220454d9d6e6ff8713017f9'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'window_end'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'd49ea88d5ab242718d684b8a3d4be391'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'd959781e8f424adc9bfe5321d0604b6f'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket_table'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: 'd97064f400b94f3ebfc936437f4cacdc'
                        key: {
                            sys_ui_action: '7c38160af10b40d6bed18db55a27ff34'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'd9b68a0685824bc5bb30b3cb33123087'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            value: 'ticket.created'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice_set'
                        id: 'da5977bd236a417686df455b0641e6cb'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'da9e1b73154c40c5ae5386e805053d5e'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'sent_at'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'db3cc1d227c74063b86c26e5121af035'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'requested_by'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: 'db67a57731c14c738174628cac7c0a88'
                        key: {
                            logical_table_name: 'x_snc_ticket_auto_outbox'
                            col_name_string: 'event_id'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'dba9c83ad5d74d7f868172a1e81d9586'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'running'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'dd5e1ef5eef34b348ee954255173f69a'
                        key: {
                            list_id: {
                                id: 'f04e9defec2843bdb7129ffaa2efc425'
                                key: {
                                    name: 'x_snc_ticket_auto_connection'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'issuer'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'dd7afb9d77fe4fc59a063f73fc622c56'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'requested'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'de035dcaf64b49fabb9e8da24a6e098a'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'message'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: 'e0f4a763106542ada6f5dbf565841dc4'
                        key: {
                            sys_ui_action: 'c2df5ac5daa74678b5e1da222c0d3848'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'e2a1d0c559784b42948e6fb0a6288718'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'job_url'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'e3113382978b4168ad7db932267bdbd5'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'step_total'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e409d7a82c1e4404b9fa82b720c2ac3c'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'progress'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'e58d027684014ed99ea5c2ff1c28ccf0'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'finished'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e5a26de035034098bb1afda987271152'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e5b699400131430fb2aaabfabd17a7f9'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'steps'
                        }
                    },
                    {
                        table: 'sys_ui_action_role'
                        id: 'e607939d6082406aadb07eea7a4008f6'
                        key: {
                            sys_ui_action: 'd6159889be354a06b927fb718540021a'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e92af47819504c90a068d3c869556b30'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'tables'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e9347edda1184119b77b642de57f9f4e'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'claim'
                        }
                    },
                    {
                        table: 'sn_glider_source_artifact'
                        id: 'ea0620049008412da81eaa2104e2efdc'
                        key: {
                            name: 'x_snc_ticket_auto_start.do - BYOUI Files'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'ea60ad5ed432457ca870e052508cf713'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'trigger'
                            value: 'ordered'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'eca648a2ce3f42cfba4bca3e8ba069bd'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'timeout'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'ecd375ae86b345e0bc54a2156e6c692c'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'state'
                            value: 'dead'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'ed417203f986464bad3a8b23ce670a79'
                        key: {
                            sys_security_acl: '0e8ca8dc14e1403abab6e61b5cbd05dd'
                            sys_user_role: {
                                id: '2a91621ef2e842119cb75ca351efd457'
                                key: {
                                    name: 'x_snc_ticket_auto.admin'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_ui_list'
                        id: 'f04e9defec2843bdb7129ffaa2efc425'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            view: {
                                id: 'Default view'
                                key: {
                                    name: 'NULL'
                                }
                            }
                            sys_domain: 'global'
                            element: 'NULL'
                            relationship: 'NULL'
                            parent: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f06c0d3a177a472c8e18234c93e2b331'
                        key: {
                            name: 'x_snc_ticket_auto_connection'
                            element: 'name'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f11dfc2ea5ae4a10a0f69526bdabd2b3'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'phase'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f174750c55d0419fa24a428a05661be3'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'template_version'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f2029d1b442c493b8a6aa5cc7463d2b5'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'requested_by'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'f209325d2130486cb26426fa4314a4be'
                        key: {
                            sys_security_acl: 'dc4c313401bc49149fb0d9b205be8066'
                            sys_user_role: {
                                id: '5281bd3ab1014036b31c4d448c06010a'
                                key: {
                                    name: 'x_snc_ticket_auto.agent'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'f3bb4223d11a4a1abf541a09f8d3bdb9'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'steps'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f5b327034bd44cc0a3f58b052474af32'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'f7e845ef6d1a42deb19e9babf3689b4c'
                        key: {
                            list_id: {
                                id: '20aac25a0ca54bb0974c165dc14658bb'
                                key: {
                                    name: 'x_snc_ticket_auto_outbox'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'state'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f9511966c6f6485584573998f090ee42'
                        key: {
                            name: 'x_snc_ticket_auto_job_template'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'fb4ae2eab4884936ae94d2f58437eb8e'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'output_omitted'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'fc1597b0d48b4e8abcf8a79caf7f58cb'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'window_start'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'fc37a2d7c5364dcdad05335055951516'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'last_error'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'fc6890f0142046ccb0e9b50537186318'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'ticket'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'fcc4c63b97e7420ebd406245876eefaa'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'ticket'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'fd1bd5a383e04efe832d57cd7a26c2f2'
                        key: {
                            name: 'x_snc_ticket_auto_run'
                            element: 'state'
                            value: 'cancelling'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_choice'
                        id: 'fd61d7d0fe654a25947cf8e2dd9ac7bc'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'event_type'
                            value: 'run.cancel_requested'
                            language: 'en'
                            dependent_value: 'NULL'
                        }
                    },
                    {
                        table: 'sys_security_acl_role'
                        id: 'fed7c88e6fb44f7aae7ac708b6b37dba'
                        key: {
                            sys_security_acl: '0e8ca8dc14e1403abab6e61b5cbd05dd'
                            sys_user_role: {
                                id: '9737074b7b3a429680e0705a6a410b23'
                                key: {
                                    name: 'x_snc_ticket_auto.auditor'
                                }
                            }
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: 'fef905c1ed684ab8a1ab066720d78b8a'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'ff80cd8b34a44579bfe110a10edcb4a4'
                        key: {
                            name: 'x_snc_ticket_auto_outbox'
                            element: 'next_attempt'
                        }
                    },
                    {
                        table: 'sys_ui_list_element'
                        id: 'ff9f518376be4eb7852de9c9ea3bf644'
                        key: {
                            list_id: {
                                id: '2aa14abfa8d8430da661483cf0a85059'
                                key: {
                                    name: 'x_snc_ticket_auto_run'
                                    view: {
                                        id: 'Default view'
                                        key: {
                                            name: 'NULL'
                                        }
                                    }
                                    sys_domain: 'global'
                                    element: 'NULL'
                                    relationship: 'NULL'
                                    parent: 'NULL'
                                }
                            }
                            element: 'sys_created_on'
                        }
                    },
                ]
            }
        }
    }
}
