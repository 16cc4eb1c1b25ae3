import { messageOf } from '@nmcp/types';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** Trace context passed from one process to another; W3C Trace Context. */
export interface TraceCarrier {
  traceparent?: string | undefined;
}

/** Options of {@linkcode inSpan}. */
export interface SpanOptions {
  attributes?: Attributes | undefined;
  /** @default internal */
  kind?: 'server' | 'client' | 'producer' | 'consumer' | undefined;
  /** The trace context of another process; absent: the active span of this one. */
  parent?: TraceCarrier | undefined;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Runs an action in a span of OpenTelemetry. Without a tracer provider, which the operator loads with
 * `node --import`, it costs next to nothing and leaves no trace.
 *
 * @example
 * ```ts
 * import { inSpan, traceCarrier } from '@nmcp/telemetry';
 *
 * const answer = await inSpan('answer', { attributes: { question: 'all' } }, async () => 42);
 * console.assert(answer === 42 && traceCarrier().traceparent === undefined);
 * ```
 */
export function inSpan<T>(name: string, options: SpanOptions, action: () => Promise<T>): Promise<T> {
  const { attributes = {}, kind, parent } = options;
  const from = parent ? contextOf(parent) : context.active();
  return trace
    .getTracer('nessus-mcp')
    .startActiveSpan(
      name,
      { attributes, kind: kind ? KINDS[kind] : SpanKind.INTERNAL },
      from,
      async (span) => {
        try {
          return await action();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
          throw error;
        } finally {
          span.end();
        }
      },
    );
}

/** What another process needs to continue the active trace; empty if there is none. */
export function traceCarrier(): TraceCarrier {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent === undefined ? {} : { traceparent: carrier.traceparent };
}

function contextOf({ traceparent }: TraceCarrier): Context {
  return traceparent === undefined
    ? context.active()
    : propagation.extract(context.active(), { traceparent });
}
