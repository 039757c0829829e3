# What three roles may do, as policy documents; src/dynamodb/infrastructure/iam.py prints the same from the models.
#
# - runtime: what repositories and entities call. No scan, no operation on a table as a whole. Transactions need the
#   action of each item they hold, and ConditionCheckItem. A query on an index needs the index's own ARN.
# - waitlist_admin: runtime, and a scan of the waitlist (WaitlistEntity.get_all and get_stats): its table, or in the
#   single-table layout the index that has nothing but waitlist entries.
# - operations: runtime, and what making tables, migration and doctor need.
#
# Ownership of a project is not expressed here: dynamodb:LeadingKeys sees partition keys, and those are random ids.

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  # Put together from the names instead of taken from the tables, so that a plan shows the policies in full and a change
  # to a table does not make them unknown.
  arn_prefix = join(":", [
    "arn", data.aws_partition.current.partition, "dynamodb", data.aws_region.current.id,
    data.aws_caller_identity.current.account_id, "table/",
  ])
  policy_tables = [for name in local.table_names : "${local.arn_prefix}${name}"]
  policy_indexes = flatten([
    for key, table in local.tables : [
      for index in keys(table.indexes) : "${local.arn_prefix}${local.table_names[key]}/index/${index}"
    ]
  ])

  policy_waitlist = [
    for key, place in { waitlist = "", vishmaker = "/index/status-index" } :
    "${local.arn_prefix}${local.table_names[key]}${place}" if contains(keys(local.tables), key)
  ]

  item_actions = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
  ]
  table_actions = [
    "dynamodb:CreateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
  ]

  # A customer managed key is used on behalf of whoever calls DynamoDB: reading and writing decrypt the table's key,
  # making a table needs the rest. Only through DynamoDB, in any Region, as
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html says.
  kms_via_service = "dynamodb.*.${data.aws_partition.current.dns_suffix}"
}

data "aws_iam_policy_document" "runtime" {
  statement {
    sid       = "Items"
    actions   = local.item_actions
    resources = local.policy_tables
  }

  statement {
    sid       = "Query"
    actions   = ["dynamodb:Query"]
    resources = concat(local.policy_tables, local.policy_indexes)
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "TableKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = [local.kms_via_service]
      }
    }
  }
}

data "aws_iam_policy_document" "waitlist_admin" {
  source_policy_documents = [data.aws_iam_policy_document.runtime.json]

  statement {
    sid       = "ScanWaitlist"
    actions   = ["dynamodb:Scan"]
    resources = local.policy_waitlist
  }
}

# Not put together from runtime's statements: each ARN twice would leave long names no room in 6144 characters.
data "aws_iam_policy_document" "operations" {
  statement {
    sid       = "ItemsAndTables"
    actions   = concat(local.item_actions, local.table_actions)
    resources = local.policy_tables
  }

  statement {
    sid       = "QueryAndScan"
    actions   = ["dynamodb:Query", "dynamodb:Scan"]
    resources = concat(local.policy_tables, local.policy_indexes)
  }

  # ListTables has no resource to name:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
  statement {
    sid       = "ListTables"
    actions   = ["dynamodb:ListTables"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid = "TableKey"
      actions = [
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ]
      resources = [statement.value]

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = [local.kms_via_service]
      }
    }
  }
}

locals {
  policy_documents = {
    runtime        = data.aws_iam_policy_document.runtime.json
    waitlist_admin = data.aws_iam_policy_document.waitlist_admin.json
    operations     = data.aws_iam_policy_document.operations.json
  }
  policy_descriptions = {
    runtime        = "Read and write items of the ${local.name_prefix} tables; no scan."
    waitlist_admin = "Read and write items of the ${local.name_prefix} tables, and scan the waitlist."
    operations     = "Make, migrate and repair the ${local.name_prefix} tables."
  }
}

resource "aws_iam_policy" "this" {
  # The keys are written out so that they are known before the documents are.
  for_each = var.create_iam_policies ? toset(["runtime", "waitlist_admin", "operations"]) : toset([])

  name        = "${local.name_prefix}-dynamodb-${replace(each.key, "_", "-")}"
  description = local.policy_descriptions[each.key]
  policy      = local.policy_documents[each.key]
  tags        = local.tags
}
