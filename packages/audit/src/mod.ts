/**
 * Who did what, and which decision was made.
 *
 * @module
 */
export {
  type AuditEntry,
  type AuditEvent,
  AuditLog,
  type AuditLogOptions,
  type AuditVerdict,
  type VerifyOptions,
  verifyAuditLog,
} from './audit_log.ts';
