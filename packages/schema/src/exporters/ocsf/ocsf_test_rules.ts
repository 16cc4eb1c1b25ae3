/**
 * What OCSF 1.3 says of the classes and objects that are used: each attribute with its type, `[]` for a list, `!` where it is required;
 * and of which attributes one must be there. Objects that are missing here are not used.
 */
export const OCSF_RULES: Readonly<Record<string, { attributes: string; atLeastOne?: string }>> = {
  vulnerability_finding: {
    attributes: `activity_name:string activity_id:integer! category_name:string category_uid:integer! class_name:string class_uid:integer! type_name:string type_uid:long! count:integer duration:long end_time:timestamp start_time:timestamp time:timestamp! timezone_offset:integer enrichments:enrichment[] message:string metadata:metadata! observables:observable[] raw_data:string severity:string severity_id:integer! status:string status_code:string status_detail:string status_id:integer unmapped:object comment:string confidence:string confidence_id:integer confidence_score:integer device:device finding_info:finding_info! resource:resource_details resources:resource_details[] vulnerabilities:vulnerability[]!`,
  },
  compliance_finding: {
    attributes: `activity_name:string activity_id:integer! category_name:string category_uid:integer! class_name:string class_uid:integer! type_name:string type_uid:long! count:integer duration:long end_time:timestamp start_time:timestamp time:timestamp! timezone_offset:integer enrichments:enrichment[] message:string metadata:metadata! observables:observable[] raw_data:string severity:string severity_id:integer! status:string status_code:string status_detail:string status_id:integer unmapped:object comment:string confidence:string confidence_id:integer confidence_score:integer device:device finding_info:finding_info! compliance:compliance! remediation:remediation resource:resource_details resources:resource_details[]`,
  },
  detection_finding: {
    attributes: `activity_name:string activity_id:integer! category_name:string category_uid:integer! class_name:string class_uid:integer! type_name:string type_uid:long! count:integer duration:long end_time:timestamp start_time:timestamp time:timestamp! timezone_offset:integer enrichments:enrichment[] message:string metadata:metadata! observables:observable[] raw_data:string severity:string severity_id:integer! status:string status_code:string status_detail:string status_id:integer unmapped:object comment:string confidence:string confidence_id:integer confidence_score:integer device:device finding_info:finding_info! evidences:evidences[] impact:string impact_id:integer impact_score:integer remediation:remediation resources:resource_details[] risk_level:string risk_level_id:integer risk_score:integer risk_details:string vulnerabilities:vulnerability[]`,
  },
  vulnerability: {
    attributes: `affected_code:affected_code[] affected_packages:affected_package[] cve:cve cwe:cwe desc:string first_seen_time:timestamp fix_available:boolean kb_articles:string[] kb_article_list:kb_article[] is_exploit_available:boolean is_fix_available:boolean last_seen_time:timestamp packages:package[] references:string[] related_vulnerabilities:string[] remediation:remediation severity:string title:string vendor_name:string`,
    atLeastOne: 'cve cwe',
  },
  cve: {
    attributes: `created_time:timestamp cvss:cvss[] cwe:cwe cwe_uid:string cwe_url:url desc:string epss:epss modified_time:timestamp product:product references:string[] title:string type:string uid:string!`,
  },
  cvss: {
    attributes: `base_score:float! depth:string metrics:metric[] overall_score:float severity:string vector_string:string version:string!`,
  },
  epss: {
    attributes: `created_time:timestamp percentile:float score:string! version:string`,
  },
  cwe: {
    attributes: `caption:string src_url:url uid:string!`,
  },
  finding_info: {
    attributes: `analytic:analytic attacks:attack[] created_time:timestamp data_sources:string[] desc:string first_seen_time:timestamp kill_chain:kill_chain_phase[] last_seen_time:timestamp modified_time:timestamp product_uid:string related_events:related_event[] related_analytics:analytic[] src_url:url title:string! types:string[] uid:string!`,
  },
  analytic: {
    attributes: `name:string uid:string category:string desc:string related_analytics:analytic[] type:string type_id:integer! version:string`,
  },
  compliance: {
    attributes: `compliance_references:kb_article[] compliance_standards:kb_article[] control:string requirements:string[] standards:string[]! status:string status_code:string status_detail:string status_id:integer`,
  },
  kb_article: {
    attributes: `avg_timespan:timespan install_state:string install_state_id:integer title:string uid:string! os:os severity:string bulletin:string product:product is_superseded:boolean created_time:timestamp size:long src_url:url classification:string`,
  },
  resource_details: {
    attributes: `name:string uid:string data:json labels:string[] type:string agent_list:agent[] criticality:string group:group namespace:string owner:user version:string`,
  },
  device: {
    attributes: `name:string uid:string agent_list:agent[] domain:string hostname:hostname hw_info:device_hw_info instance_uid:string interface_name:string interface_uid:string ip:ip location:location mac:mac os:os owner:user subnet_uid:string type:string type_id:integer! vlan_uid:string vpc_uid:string zone:string autoscale_uid:string boot_time:timestamp created_time:timestamp desc:string first_seen_time:timestamp groups:group[] hypervisor:string image:image imei:string is_compliant:boolean is_managed:boolean is_personal:boolean is_trusted:boolean last_seen_time:timestamp modified_time:timestamp network_interfaces:network_interface[] org:organization region:string risk_level:string risk_level_id:integer risk_score:integer subnet:subnet uid_alt:string`,
  },
  os: {
    attributes: `build:string country:string cpe_name:string cpu_bits:integer edition:string lang:string name:string! sp_name:string sp_ver:integer type:string type_id:integer! version:string`,
  },
  metadata: {
    attributes: `correlation_uid:string event_code:string extension:extension extensions:extension[] labels:string[] log_level:string log_name:string log_provider:string log_version:string logged_time:timestamp modified_time:timestamp loggers:logger[] original_time:string processed_time:timestamp product:product! profiles:string[] sequence:integer tenant_uid:string uid:string version:string!`,
  },
  product: {
    attributes: `name:string uid:string feature:feature cpe_name:string lang:string path:string url_string:url vendor_name:string! version:string`,
  },
  remediation: {
    attributes: `desc:string! references:string[] kb_articles:string[] kb_article_list:kb_article[]`,
  },
  affected_package: {
    attributes: `architecture:string cpe_name:string epoch:integer hash:fingerprint license:string name:string! purl:string release:string vendor_name:string type:string type_id:integer version:string! fixed_in_version:string package_manager:string path:string remediation:remediation`,
  },
  network_endpoint: {
    attributes: `name:string uid:string agent_list:agent[] domain:string hostname:hostname hw_info:device_hw_info instance_uid:string interface_name:string interface_uid:string ip:ip location:location mac:mac os:os owner:user subnet_uid:string type:string type_id:integer vlan_uid:string vpc_uid:string zone:string autonomous_system:autonomous_system intermediate_ips:ip[] proxy_endpoint:network_proxy port:port svc_name:string`,
    atLeastOne: 'ip uid name hostname svc_name instance_uid interface_uid interface_name',
  },
  evidences: {
    attributes: `actor:actor api:api container:container connection_info:network_connection_info data:json database:database databucket:databucket device:device dst_endpoint:network_endpoint email:email file:file process:process query:dns_query src_endpoint:network_endpoint url:url user:user job:job`,
    atLeastOne:
      'actor api connection_info data database databucket device dst_endpoint email file process query src_endpoint url user job',
  },
  enrichment: {
    attributes: `created_time:timestamp data:json! desc:string name:string! provider:string reputation:reputation short_desc:string type:string src_url:url value:string!`,
  },
};
