/** A template of scans and policies. */
export interface ScanTemplate {
  uuid: string;
  name: string;
  title: string;
  desc: string;
  is_agent: boolean;
}

/** Those of a fresh scanner; uuids of the length that Nessus's have. */
export const TEMPLATES: readonly ScanTemplate[] = [
  {
    uuid: 'bbd4f805-3966-d464-b2d1-0079eb89d69708c3a05ec2812bcf',
    name: 'discovery',
    title: 'Host Discovery',
    desc: 'A simple scan to discover live hosts and open ports.',
    is_agent: false,
  },
  {
    uuid: '731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65',
    name: 'basic',
    title: 'Basic Network Scan',
    desc: 'A full system scan suitable for any host.',
    is_agent: false,
  },
  {
    uuid: 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66',
    name: 'advanced',
    title: 'Advanced Scan',
    desc: 'Configure a scan without using any recommendations.',
    is_agent: false,
  },
  {
    uuid: 'ab4bacd2-05f6-425c-9d79-3ba3940ad1c24e51e1f403febe40',
    name: 'custom',
    title: 'Custom Scan',
    desc: 'A scan from a policy.',
    is_agent: false,
  },
];
