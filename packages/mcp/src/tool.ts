import type { McpServer, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import type { ApprovalQuestion, OperationRules, Services } from '@nmcp/scans';
import type { GenericSchema } from 'valibot';

/** Context of a tool call, besides the arguments. */
export interface ToolCall {
  caller: Caller;
  /** Aborts when the client has gone or has cancelled the call. */
  signal: AbortSignal;
  /** HTTP headers; empty over stdio. */
  headers: Headers;
  /** Reports progress to the client, if it asked for that. */
  report: (progress: number, total: number, message: string) => Promise<void>;
}

/** An answer with a question for the person at the client; clients that cannot ask get the answer alone. */
export class AnswerOrQuestion {
  readonly answer: object;
  readonly question: ApprovalQuestion;

  constructor(answer: object, question: ApprovalQuestion) {
    this.answer = answer;
    this.question = question;
  }
}

/** A tool: its schema, its text for the model and its call of the core. */
export interface ToolDefinition<Input> {
  /** The operation of the core that it offers: its name, and who may call it. */
  operation: { readonly rules: OperationRules };
  title: string;
  description: string;
  input: GenericSchema<unknown, Input>;
  /** @default "object" */
  answers?: 'object' | 'text';
  /** Besides readOnlyHint, which comes from the operation. */
  annotations: Omit<ToolAnnotations, 'readOnlyHint'>;
  /** A view that clients with MCP Apps show for the answer. */
  view?: string | undefined;
  /** Answers an object, which is also sent as structured content; or text; or asks. */
  run(input: Input, services: Services, call: ToolCall): Promise<object | string | AnswerOrQuestion>;
}

/** A tool, ready to be registered with a server. */
export interface Tool {
  readonly rules: OperationRules;
  register(server: McpServer, services: Services): void;
}
