/** What an asset offers on a port. */
export interface AssetService {
  port: number;
  protocol: string;
  /** As the scanner names it, such as `www`. */
  name?: string;
  /** What it says of itself. */
  banner?: string;
}

/** Software that is installed on an asset. */
export interface AssetSoftware {
  name: string;
  version?: string;
}

/** What plugins list of an asset beside vulnerabilities. */
export interface AssetListing {
  services: AssetService[];
  software: AssetSoftware[];
  cpes: string[];
  device_type?: string;
}

/** Port scanners: SYN, netstat over SSH, WMI and SNMP, TCP, UDP. */
export const PORT_PLUGINS: readonly number[] = [11219, 14272, 34220, 14274, 10335, 34277];
/** Installed software, over SSH and on Windows. */
export const SOFTWARE_PLUGINS: readonly number[] = [22869, 20811];

/** Plugins that list what is there, whatever they think of it. */
export const LISTING_PLUGINS: ReadonlySet<number> = new Set([
  ...PORT_PLUGINS,
  ...SOFTWARE_PLUGINS,
  22964, // service detection
  45590, // Common Platform Enumeration
  54615, // device type
]);

/** A port of an asset, and what a plugin said on it. */
export interface Listed {
  plugin: number;
  port: number;
  protocol: string;
  service: string | undefined;
  output: string | null;
}

/** Texts that are kept of one asset. */
const MOST_SOFTWARE = 2000;
const MOST_SERVICES = 1000;
const TEXT_LENGTH = 200;

/** Gathers what plugins list of one asset. */
export class ListingReader {
  readonly #services = new Map<string, AssetService>();
  readonly #software = new Map<string, AssetSoftware>();
  readonly #cpes = new Set<string>();
  #deviceType: string | undefined;

  add({ plugin, port, protocol, service, output }: Listed): void {
    const text = output ?? '';
    if (port > 0) this.#addService(plugin, port, protocol, service, text);
    if (plugin === 22869) for (const each of packagesIn(text)) this.#addSoftware(each);
    else if (plugin === 20811) for (const each of programsIn(text)) this.#addSoftware(each);
    else if (plugin === 45590)
      for (const [cpe] of text.matchAll(/\bcpe:\/[aho]:[^\s]+/g)) this.#cpes.add(cpe);
    else if (plugin === 54615) this.#deviceType = /Remote device type\s*:\s*(.+)/.exec(text)?.[1]?.trim();
  }

  #addService(
    plugin: number,
    port: number,
    protocol: string,
    service: string | undefined,
    text: string,
  ): void {
    const key = `${port}/${protocol}`;
    const known = this.#services.get(key) ?? { port, protocol };
    if (service && service !== 'unknown') known.name = service.replace(/\?$/, '');
    if (plugin === 22964 && text.trim() !== '')
      known.banner = text.trim().split('\n')[0]?.slice(0, TEXT_LENGTH) ?? '';
    if (this.#services.size < MOST_SERVICES) this.#services.set(key, known);
  }

  #addSoftware(software: AssetSoftware): void {
    const key = `${software.name} ${software.version ?? ''}`;
    if (this.#software.size < MOST_SOFTWARE) this.#software.set(key, software);
  }

  result(): AssetListing {
    return {
      services: [...this.#services.values()].sort((a, b) => a.port - b.port),
      software: [...this.#software.values()],
      cpes: [...this.#cpes],
      ...(this.#deviceType === undefined ? {} : { device_type: this.#deviceType }),
    };
  }
}

/** `  openssh-server-8.0p1-5.el8|(none)` of rpm, `ii  openssh-server  1:8.4p1-5+deb11u1  amd64  …` of dpkg. */
function* packagesIn(text: string): Generator<AssetSoftware> {
  for (const line of text.split('\n')) {
    const [, deb, debVersion] = /^\s*ii\s+(\S+?)(?::\w+)?\s+(\S+)/.exec(line) ?? [];
    const [, rpm, rpmVersion] = /^\s*([\w.+-]+?)-(\d[^\s|-]*-[^\s|]+)(?:\||\s|$)/.exec(line) ?? [];
    const name = deb ?? rpm;
    if (name !== undefined) yield { name, version: debVersion ?? rpmVersion ?? '' };
  }
}

/** `Mozilla Firefox 115.0.2 (x64 en-US)  [version 115.0.2]  [installed on 2023/07/12]`. */
function* programsIn(text: string): Generator<AssetSoftware> {
  for (const line of text.split('\n')) {
    const [, name, version] = /^\s*(\S.*?)\s+\[version ([^\]]+)\]/.exec(line) ?? [];
    if (name !== undefined) yield { name: name.slice(0, TEXT_LENGTH), ...(version ? { version } : {}) };
  }
}
