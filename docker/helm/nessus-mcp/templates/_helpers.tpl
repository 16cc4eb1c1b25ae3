{{- define "nessus-mcp.name" -}}
{{- printf "%s" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "nessus-mcp.labels" -}}
app.kubernetes.io/name: nessus-mcp
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "nessus-mcp.image" -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end }}nessus-mcp-{{ .app }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* Without anything that is shared on a disk, pods need no common folder. */}}
{{- define "nessus-mcp.hasHome" -}}
{{- if not (and .Values.tasks.onPostgres .Values.results.url) }}yes{{ end -}}
{{- end -}}

{{- define "nessus-mcp.environment" -}}
- { name: POLICY_FILE, value: /app/config/policy.yaml }
- { name: SCANNER_CONFIG, value: /app/config/scanners.yaml }
{{- with .Values.redis.url }}
- { name: REDIS_URL, value: {{ . | quote }} }
{{- end }}
{{- with .Values.redis.sentinels }}
- { name: REDIS_SENTINELS, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.redis.clusterTag }}
- { name: REDIS_CLUSTER_TAG, value: {{ . | quote }} }
{{- end }}
{{- with .Values.results.url }}
- { name: RESULTS_URL, value: {{ . | quote }} }
- { name: RESULTS_CACHE_MB, value: {{ $.Values.results.cacheMegabytes | quote }} }
{{- end }}
{{- with .Values.results.encryption }}
- { name: RESULTS_ENCRYPTION, value: {{ . | quote }} }
{{- end }}
{{- with .Values.results.endpoint }}
- { name: AWS_ENDPOINT_URL_S3, value: {{ . | quote }} }
{{- end }}
{{- with .Values.results.region }}
- { name: AWS_REGION, value: {{ . | quote }} }
{{- end }}
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{- define "nessus-mcp.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "nessus-mcp.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "nessus-mcp.mounts" -}}
- { name: data, mountPath: /app/data }
- { name: config, mountPath: /app/config }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{- define "nessus-mcp.volumes" -}}
- name: data
{{- if include "nessus-mcp.hasHome" . }}
  persistentVolumeClaim: { claimName: {{ .Values.persistence.existingClaim | default (printf "%s-data" (include "nessus-mcp.name" .)) }} }
{{- else }}
  emptyDir: { sizeLimit: {{ .Values.persistence.scratchSize }} }
{{- end }}
- name: config
  configMap: { name: {{ include "nessus-mcp.name" . }}-config }
- name: tmp
  emptyDir: {}
{{- end -}}

{{- define "nessus-mcp.probes" -}}
startupProbe: { httpGet: { path: /readyz, port: {{ . }} }, failureThreshold: 30, periodSeconds: 2 }
livenessProbe: { httpGet: { path: /livez, port: {{ . }} }, periodSeconds: 15, timeoutSeconds: 5 }
readinessProbe: { httpGet: { path: /readyz, port: {{ . }} }, periodSeconds: 5, timeoutSeconds: 6 }
{{- end -}}
