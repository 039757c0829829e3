# The tables of the layout: six, or one. Everything else (alarms, dashboard, policies, outputs) is derived from
# local.tables, and a test compares it with the models in models/tables.py and models/single_table.py.

locals {
  name_prefix = "${var.environment}-${var.project_name}"
  tags        = merge({ Project = var.project_name, Environment = var.environment }, var.common_tags)

  # The tables' keys are part of the resources' addresses and of the variables' names in lambda_environment
  # (projects: PROJECTS_TABLE_NAME): renaming one would replace its table.
  layouts = {
    six-table = {
      projects = {
        hash_key  = "id"
        range_key = "user_id"
        indexes = {
          "user_id-index" = { hash_key = "user_id", range_key = "created_at" }
          "name-index"    = { hash_key = "name", range_key = "created_at" }
        }
      }
      user_flows = {
        hash_key  = "uiid"
        range_key = "project_id"
        indexes = {
          "project_id-index" = { hash_key = "project_id", range_key = "created_at" }
        }
      }
      high_level_requirements = {
        hash_key  = "uiid"
        range_key = "parent_uiid"
        indexes = {
          "parent_uiid-index" = { hash_key = "parent_uiid", range_key = "created_at" }
          "project_id-index"  = { hash_key = "project_id", range_key = "created_at" }
        }
      }
      low_level_requirements = {
        hash_key  = "uiid"
        range_key = "parent_uiid"
        indexes = {
          "parent_uiid-index" = { hash_key = "parent_uiid", range_key = "created_at" }
          "project_id-index"  = { hash_key = "project_id", range_key = "created_at" }
        }
      }
      test_cases = {
        hash_key  = "uiid"
        range_key = "parent_uiid"
        indexes = {
          "parent_uiid-index" = { hash_key = "parent_uiid", range_key = "created_at" }
          "project_id-index"  = { hash_key = "project_id", range_key = "created_at" }
        }
      }
      waitlist = {
        hash_key  = "email"
        range_key = null
        indexes = {
          "status-index" = { hash_key = "status", range_key = "created_at" }
        }
      }
    }

    # A project and everything under it in one partition. The indexes are sparse: only projects have user_id and
    # project_name, only waitlist entries status.
    single-table = {
      vishmaker = {
        hash_key  = "pk"
        range_key = "sk"
        indexes = {
          "name-index"    = { hash_key = "project_name", range_key = "created_at" }
          "status-index"  = { hash_key = "status", range_key = "created_at" }
          "user_id-index" = { hash_key = "user_id", range_key = "created_at" }
        }
      }
    }
  }

  tables = merge([for layout, tables in local.layouts : tables if layout == var.layout || var.keep_other_layout]...)

  # The one table is called as the others begin.
  table_names = {
    for key in keys(local.tables) : key => key == "vishmaker" ? local.name_prefix : "${local.name_prefix}-${replace(key, "_", "-")}"
  }

  # Every key attribute of a table and its indexes, and no other attribute: one that is no key is a difference that
  # never goes away, one that is missing is an error. All keys are strings.
  key_attributes = {
    for key, table in local.tables : key => toset(compact(concat(
      [table.hash_key, table.range_key],
      flatten([for index in table.indexes : [index.hash_key, index.range_key]]),
    )))
  }

  throughput_limited = var.max_read_request_units != null || var.max_write_request_units != null
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name         = local.table_names[each.key]
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.hash_key
  range_key    = each.value.range_key

  deletion_protection_enabled = var.deletion_protection_enabled
  stream_enabled              = var.stream_view_type != null
  stream_view_type            = var.stream_view_type

  dynamic "attribute" {
    for_each = local.key_attributes[each.key]

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = "ALL"

      dynamic "on_demand_throughput" {
        for_each = local.throughput_limited ? [1] : []

        content {
          max_read_request_units  = var.max_read_request_units
          max_write_request_units = var.max_write_request_units
        }
      }
    }
  }

  dynamic "on_demand_throughput" {
    for_each = local.throughput_limited ? [1] : []

    content {
      max_read_request_units  = var.max_read_request_units
      max_write_request_units = var.max_write_request_units
    }
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery_enabled
  }

  # Enabled without a key means the AWS managed key; disabled would mean the key that AWS owns, which no one can audit.
  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  tags = local.tags
}
