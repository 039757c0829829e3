# A production root: the tables under a customer managed key, a limit on what they can cost, alarms to a topic, and the
# role of a Lambda function that uses them.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7.0"
    }
  }

  # Keep the state where the team shares it, for example:
  # backend "s3" {
  #   bucket       = "my-terraform-state"
  #   key          = "vishmaker/prod/dynamodb.tfstate"
  #   region       = "eu-west-1"
  #   use_lockfile = true
  # }
}

provider "aws" {
  region = var.region
}

variable "region" {
  description = "The Region of the tables."
  type        = string
  default     = "eu-west-1"
}

variable "environment" {
  description = "The first part of every name."
  type        = string
  default     = "prod"
}

variable "deletion_protection_enabled" {
  description = "Set it to false and apply before `terraform destroy`."
  type        = bool
  default     = true
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# --- The key ----------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:a key policy's resource is its own key
  #checkov:skip=CKV_AWS_111:a key policy's resource is its own key
  #checkov:skip=CKV_AWS_356:a key policy's resource is its own key

  # The account's own IAM policies decide, among them those of the module.
  statement {
    sid       = "AccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  # An alarm publishes to an encrypted topic in CloudWatch's name.
  statement {
    sid       = "AlarmsPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_kms_key" "tables" {
  description             = "VishMaker's tables and their alarms (${var.environment})"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

# --- The tables -------------------------------------------------------------------------------------------------------

module "tables" {
  source = "../.."

  environment                 = var.environment
  common_tags                 = { Owner = "platform" }
  kms_key_arn                 = aws_kms_key.tables.arn
  deletion_protection_enabled = var.deletion_protection_enabled
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  create_alarm_topic          = true
  alarm_topic_kms_key_arn     = aws_kms_key.tables.arn

  # A cost guard, in request units a second for each table and index:
  # max_read_request_units  = 4000
  # max_write_request_units = 1000
}

# --- A Lambda function's role -----------------------------------------------------------------------------------------

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "api" {
  name               = "${var.environment}-vishmaker-api"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "api" {
  role       = aws_iam_role.api.name
  policy_arn = module.tables.policy_arns["runtime"]
}

# resource "aws_lambda_function" "api" {
#   ...
#   role = aws_iam_role.api.arn
#   environment {
#     variables = module.tables.lambda_environment
#   }
# }

output "lambda_environment" {
  description = "What the function's environment needs."
  value       = module.tables.lambda_environment
}

output "alarm_topic_arn" {
  description = "Subscribe the people on call to this topic."
  value       = module.tables.alarm_topic_arn
}
