import fc from 'fast-check';

/** Text as it stands in an element: raw, with references, CDATA, comments and processing instructions now and then. */
const rawText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom('plain', ' two words ', '\n', 'é€', '😀', '', '7.5', 'true', ']]', '"\''),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '&amp;',
          '&lt;x&gt;',
          '&#65;',
          '&#x1F600;',
          '&quot;',
          '&apos;',
          '<![CDATA[<b> & ]] >]]>',
          '<!-- <c> -->',
          '<?pi a>b?>',
        ),
      },
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));
const attributeText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b c', '&amp;', '&lt;', '&#10;', '&quot;', '>', '/>', 'é', '\n', '\t'), {
    maxLength: 3,
  })
  .map((parts) => parts.join(''));
const tag = fc.constantFrom(
  'description',
  'cve',
  'bid',
  'xref',
  'cvss_base_score',
  'cvss3_base_score',
  'cvss4_base_score',
  'exploit_available',
  'plugin_output',
  'plugin_name',
  'cm:compliance-result',
  'cisa-known-exploited',
  'risk_factor',
);
const child: fc.Arbitrary<string> = fc
  .record({
    tag,
    text: rawText,
    blank: fc.constantFrom('', '\n', '  '),
    style: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  })
  .map(({ tag: name, text, blank, style }) => {
    if (style === 1) return `<${name}/>${blank}`;
    if (style === 2) return `<${name} a="1">${text}</${name} >${blank}`;
    if (style === 3) return `<${name}>${text}<i>${text}</i></${name}>${blank}`;
    return `<${name}>${text}</${name}>${blank}`;
  });

/** The text of a ReportItem. */
const item: fc.Arbitrary<string> = fc
  .record({
    plugin: fc.integer({ min: 1, max: 5 }),
    name: attributeText,
    quote: fc.constantFrom('"', "'"),
    children: fc.array(child, { maxLength: 8 }),
    port: fc.constantFrom('0', '443'),
  })
  .map(
    ({ plugin, name, quote, children, port }) =>
      `<ReportItem port=${quote}${port}${quote} svc_name="www" protocol='tcp' severity="${plugin % 5}" pluginID="${plugin}" pluginName="${name}"\n pluginFamily="F">${children.join('')}</ReportItem>`,
  );

/** Documents in which items repeat on several hosts with other outputs, as they do in real ones. */
export const nessusDocument: fc.Arbitrary<string> = fc
  .record({
    items: fc.array(item, { minLength: 1, maxLength: 6 }),
    picks: fc.array(
      fc.array(fc.record({ item: fc.nat(5), output: fc.option(rawText, { nil: undefined }) }), {
        maxLength: 8,
      }),
      { maxLength: 5 },
    ),
    head: fc.constantFrom(
      '',
      '<?xml version="1.0" ?>\n',
      '<?xml version="1.0"?>\n<!DOCTYPE NessusClientData_v2 [<!ENTITY a "b">]>\n',
      '<!-- c -->\n',
    ),
    gap: fc.constantFrom('', '\n', '<!-- between -->', ' \n '),
  })
  .map(({ items, picks, head, gap }) => {
    const hosts = picks.map((chosen, host) => {
      const body = chosen.map(({ item: pick, output }) => {
        const text = items[pick % items.length] ?? '';
        return output === undefined
          ? text
          : text.replace(/<\/ReportItem>$/, `<plugin_output>${output}</plugin_output>\n</ReportItem>`);
      });
      return `<ReportHost name="h${host}"><HostProperties><tag name="os">x</tag></HostProperties>${gap}${body.join(gap)}</ReportHost>${gap}`;
    });
    return `${head}<NessusClientData_v2><Policy><policyName>p</policyName></Policy><Report name="r" xmlns:cm="u">${gap}${hosts.join('')}</Report></NessusClientData_v2>\n`;
  });

/** A way to spoil a document. */
export const mutation: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .record({
    kind: fc.nat(5),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...[60, 62, 38, 34, 39, 47, 33, 63, 93, 0, 10])),
  })
  .map(({ kind, at, length, byte }) => (bytes) => {
    const start = Math.floor(at * bytes.length);
    const copy = (from: number, to: number): number[] => [...bytes.subarray(from, to)];
    if (kind === 0) return bytes.slice(0, start);
    if (kind === 1) return Uint8Array.from([...copy(0, start), ...copy(start + length, bytes.length)]);
    if (kind === 2) return Uint8Array.from([...copy(0, start), byte, ...copy(start + 1, bytes.length)]);
    if (kind === 3) return Uint8Array.from([...copy(0, start), byte, ...copy(start, bytes.length)]);
    if (kind === 4)
      return Uint8Array.from([
        ...copy(0, start),
        ...copy(start, start + length),
        ...copy(start, bytes.length),
      ]);
    return Uint8Array.from([
      ...copy(0, start),
      ...copy(start, start + length).reverse(),
      ...copy(start + length, bytes.length),
    ]);
  });
