variable "project_name" {
  description = "The middle part of every name: <environment>-<project_name>-<table>; the one table of the single-table layout is <environment>-<project_name>."
  type        = string
  default     = "vishmaker"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", var.project_name))
    error_message = "project_name must be 1 to 40 letters, digits, hyphens or underscores, and start with a letter or digit."
  }
}

variable "environment" {
  description = "The first part of every name. One environment per state."
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", var.environment))
    error_message = "environment must be 1 to 40 letters, digits, hyphens or underscores, and start with a letter or digit."
  }
}

variable "common_tags" {
  description = "Tags for every resource; they win over the module's own Project and Environment."
  type        = map(string)
  default     = {}
}

variable "layout" {
  description = "Where rows lie, as DYNAMODB_LAYOUT says it: six-table, a table for each kind of row, or single-table. Before you change it, see keep_other_layout."
  type        = string
  default     = "six-table"

  validation {
    condition     = contains(["six-table", "single-table"], var.layout)
    error_message = "layout must be six-table or single-table."
  }
}

variable "keep_other_layout" {
  description = "Have the tables of the other layout, too, with alarms and policies: while rows are moved from one to the other, and as long as there shall be a way back."
  type        = bool
  default     = false
}

# --- Tables -----------------------------------------------------------------------------------------------------------

variable "deletion_protection_enabled" {
  description = "Refuse to delete the tables. Turn it off and apply before `terraform destroy`."
  type        = bool
  default     = true
}

variable "point_in_time_recovery_enabled" {
  description = "Keep continuous backups, so that a table can be restored to any second of the last 35 days."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "The ARN of a customer managed KMS key for the tables. Without one they use the AWS managed key of DynamoDB."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not an alias): arn:aws:kms:<region>:<account>:key/<id>."
  }
}

variable "max_read_request_units" {
  description = "A limit on each table's and each index's read request units per second, as a cost guard: above it requests are throttled. Without one only the account's quota limits them."
  type        = number
  default     = null

  validation {
    condition     = var.max_read_request_units == null || try(var.max_read_request_units >= 1, false)
    error_message = "max_read_request_units must be at least 1."
  }
}

variable "max_write_request_units" {
  description = "A limit on each table's and each index's write request units per second, as a cost guard: above it requests are throttled. Without one only the account's quota limits them."
  type        = number
  default     = null

  validation {
    condition     = var.max_write_request_units == null || try(var.max_write_request_units >= 1, false)
    error_message = "max_write_request_units must be at least 1."
  }
}

variable "stream_view_type" {
  description = "What the tables' streams carry: NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY. Without it there are no streams."
  type        = string
  default     = null

  validation {
    condition = var.stream_view_type == null || try(
      contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"], var.stream_view_type), false
    )
    error_message = "stream_view_type must be NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY."
  }
}

# --- Access -----------------------------------------------------------------------------------------------------------

variable "create_iam_policies" {
  description = "Make managed policies of the three policy documents. The documents are outputs in any case."
  type        = bool
  default     = true
}

# --- Monitoring -------------------------------------------------------------------------------------------------------

variable "create_alarms" {
  description = "Make the alarms on errors, throttling and transaction conflicts."
  type        = bool
  default     = true
}

variable "create_anomaly_alarms" {
  description = "Make the alarms on unusual consumption. Each is billed as three metrics."
  type        = bool
  default     = true
}

variable "create_dashboard" {
  description = "Make the CloudWatch dashboard."
  type        = bool
  default     = true
}

variable "alarm_topic_arn" {
  description = "The ARN of an SNS topic that alarms report to. Without one, and without create_alarm_topic, alarms only change their state."
  type        = string
  default     = null
}

variable "create_alarm_topic" {
  description = "Make an SNS topic that alarms report to, in addition to alarm_topic_arn. Subscribe to the output alarm_topic_arn."
  type        = bool
  default     = false
}

variable "alarm_topic_kms_key_arn" {
  description = "The ARN of a customer managed KMS key for the topic of create_alarm_topic. Its policy must let cloudwatch.amazonaws.com use it."
  type        = string
  default     = null
}

variable "alarm_thresholds" {
  description = <<-EOT
    When alarms ring. system_errors: failed requests of a table in one minute, all operations together.
    throttle_events: throttled reads, or writes, of a table or index in five minutes. transaction_conflicts: rejected
    item requests of a table in five minutes. anomaly_band: the width of the expected band in standard deviations.
  EOT
  type = object({
    system_errors         = optional(number, 5)
    throttle_events       = optional(number, 1)
    transaction_conflicts = optional(number, 25)
    anomaly_band          = optional(number, 4)
  })
  default = {}
}
