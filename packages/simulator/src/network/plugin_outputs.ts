import type { PluginContext } from './plugin.ts';
import { hexDigits, pick } from './random.ts';

/** What plugins whose text depends on the host or the scan put out, by their id. */
export const PLUGIN_OUTPUTS: Readonly<Record<number, (context: PluginContext) => string>> = {
  // Traceroute Information
  10287: ({ host }) =>
    `For your information, here is the traceroute from 192.0.2.1 to ${host.ip} : \n192.0.2.1\n${host.ip}\n\nHop Count: 1\n`,
  // Nessus Scan Information
  19506: scanInformation,
  // OS Identification
  11936: ({ host }) =>
    `\nRemote operating system : ${host.os}\nConfidence level : 95\nMethod : SinFP\n\nThe remote host is running ${host.os}`,
  // Common Platform Enumeration (CPE)
  45590: ({ host }) =>
    `\nThe remote operating system matched the following CPE : \n\n  cpe:/o:${host.kind === 'windows' ? 'microsoft:windows' : 'linux:linux_kernel'} -> ${host.os}\n`,
  // Device Type
  54615: ({ host }) =>
    `Remote device type : ${host.kind === 'printer' ? 'printer' : host.kind === 'network' ? 'router' : 'general-purpose'}\nConfidence level : 95\n`,
  // SSH Server Type and Version Information
  10267: ({ host, key }) =>
    `\nSSH version : SSH-2.0-OpenSSH_${pick(['7.4', '8.2p1', '9.6p1'], `${key}/${host.name}/ssh`)}\nSSH supported authentication : publickey,password\n`,
  // HTTP Server Type and Version
  10107: ({ host, key }) =>
    `The remote web server type is :\n\n${pick(['Apache/2.4.49 (Unix)', 'nginx/1.18.0', 'Microsoft-IIS/10.0'], `${key}/${host.name}/www`)}`,
  // HTTP TRACE / TRACK Methods Allowed
  11213: ({ host }) =>
    `\nTo disable these methods, add the following lines for each virtual\nhost in your configuration file :\n\n    RewriteEngine on\n    RewriteCond %{REQUEST_METHOD} ^(TRACE|TRACK)\n    RewriteRule .* - [F]\n\nNessus sent the following TRACE request : \n\n------------------------------ snip ------------------------------\nTRACE /Nessus1892346.html HTTP/1.1\nHost: ${host.ip}\nAccept: image/gif, image/jpeg, */*\n------------------------------ snip ------------------------------\n`,
  // Web Application Sitemap
  91815: ({ host }) =>
    `\nThe following sitemap was created from crawling linkable content on the target host :\n\n  - http://${host.ip}/\n  - http://${host.ip}/index.php?page=<home>&lang="en"\n\nAttached is a copy of the sitemap file.\n`,
  // Apache HTTP Server 2.4.49 Path Traversal and Remote Code Execution
  153952: ({ host }) =>
    `\n  URL               : http://${host.ip}/\n  Installed version : 2.4.49\n  Fixed version     : 2.4.51\n`,
  // Apache Log4Shell RCE detection via callback correlation (Direct Check HTTP)
  156014: ({ host, key }) =>
    `\nNessus was able to detect the issue with a callback :\n\n\${jndi:ldap://192.0.2.1:44321/${hexDigits(`${key}/${host.name}/jndi`, 12)}}\n`,
  // SSL Certificate Cannot Be Trusted
  51192: ({ host }) =>
    `\nThe following certificate was at the top of the certificate\nchain sent by the remote host, but it is signed by an unknown\ncertificate authority :\n\n|-Subject : C=US/O=Example & Sons/CN=${host.fqdn}\n|-Issuer  : C=US/O=Example & Sons/CN=${host.fqdn}\n`,
  // SSL Self-Signed Certificate
  57582: ({ host }) => `\n|-Subject : CN=${host.fqdn}\n`,
  // Unsupported Windows OS (remote)
  108797: ({ host }) => `\nThe following Windows version is installed and not supported:\n\n${host.os}\n`,
  // Unix Operating System Unsupported Version Detection
  33850: ({ host }) => `\n${host.os} support ended.\n`,
  // Target Credential Status by Authentication Protocol - Failure for Provided Credentials
  104410: ({ username }) =>
    `\nNessus was unable to log into the following host for which\ncredentials have been provided :\n\n  Protocol       : SSH\n  Port           : 22\n  Failure details :\n\n  - User : ${username}\n\n    - Plugin      : ssh_rate_limiting.nasl\n      Message     : Failed to authenticate using the supplied password.\n`,
  // Target Credential Status by Authentication Protocol - Valid Credentials Provided
  141118: ({ username, via }) =>
    `\nNessus was able to log in to the remote host via the following :\n\nUser:      '${username}'\nProto:     ${via.toUpperCase()}\nMethod:    password\n`,
  // Target Credential Issues by Authentication Protocol - No Issues Found
  110095: ({ username, via }) =>
    `\nNessus was able to log in to the remote host with no privilege or access\nproblems via the following :\n\nUser:      '${username}'\nProto:     ${via.toUpperCase()}\nMethod:    password\n`,
  // Target Credential Issues by Authentication Protocol - Insufficient Privilege
  110385: ({ username }) =>
    `\nNessus was able to log into the remote host, however the credential\nUser: '${username}' did not have sufficient privileges for all planned checks.\n`,
  // OS Security Patch Assessment Available
  117887: ({ username, via }) =>
    `\nOS Security Patch Assessment is available.\n\nAccount  : ${username}\nProtocol : ${via.toUpperCase()}\n`,
  // OS Identification and Installed Software Enumeration over SSH v2 (Using New SSH Library)
  97993: ({ host }) =>
    `\nIt was possible to log into the remote host via SSH using 'password' authentication.\n\nThe output of "uname -a" is :\nLinux ${host.fqdn} x86_64 GNU/Linux\n`,
};

function scanInformation(context: PluginContext): string {
  const yes = context.login === 'success' || context.login === 'insufficient';
  const checks = yes ? `yes, as '${context.username}' via ${context.via}` : 'no';
  return `Information about this scan : \n\nNessus version : 10.8.3\nNessus build : 20010\nPlugin feed version : 202611200815\nScanner edition used : Nessus\nScanner OS : LINUX\nScan type : Normal\nScan name : ${context.scanName}\nScan policy used : Advanced Scan\nPort scanner(s) : nessus_syn_scanner \nPort range : default\nPing RTT : 12.104 ms\nThorough tests : no\nExperimental tests : no\nPlugin debugging enabled : no\nParanoia level : 1\nReport verbosity : 1\nSafe checks : yes\nOptimize the test : yes\nCredentialed checks : ${checks}\nPatch management checks : None\nDisplay superseded patches : yes (supersedence plugin did not launch)\nCGI scanning : disabled\nMax hosts : 30\nMax checks : 4\nRecv timeout : 5\nBackports : None\nAllow post-scan editing : Yes\nScan duration : 42 sec\n`;
}
