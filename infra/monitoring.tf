# Alarms and a dashboard. A metric is found by its name and its exact set of dimensions: with one dimension too many or
# too few an alarm watches a metric that does not exist and stays silent for ever. The sets are those of
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html; a test compares them.

locals {
  # SystemErrors and SuccessfulRequestLatency exist per operation only. An alarm on a math expression holds at most ten
  # metrics, and these are the ten operations that the data layer calls.
  operations = [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
  ]

  # What is throttled and billed by itself: each table and each index. The figures of a table leave its indexes out.
  capacity_targets = merge(
    {
      for key, table in aws_dynamodb_table.this : key => {
        label      = table.name
        dimensions = { TableName = table.name }
      }
    },
    [
      for key, table in local.tables : {
        for name in keys(table.indexes) : "${key}/${name}" => {
          label      = "${aws_dynamodb_table.this[key].name}-${name}"
          dimensions = { TableName = aws_dynamodb_table.this[key].name, GlobalSecondaryIndexName = name }
        }
      }
    ]...
  )

  # "projects/name-index/ReadThrottleEvents" and so on: one address for each alarm, whatever is added beside it.
  throttle_alarms = merge([
    for key, target in local.capacity_targets : {
      for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] : "${key}/${metric}" => merge(target, { metric = metric })
    }
  ]...)
  anomaly_alarms = merge([
    for key, target in local.capacity_targets : {
      for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : "${key}/${metric}" => merge(target, { metric = metric })
    }
  ]...)

  alarm_actions = concat(aws_sns_topic.alarms[*].arn, compact([var.alarm_topic_arn]))
}

# --- Alarms -----------------------------------------------------------------------------------------------------------

resource "aws_cloudwatch_metric_alarm" "system_errors" {
  for_each = var.create_alarms ? local.tables : {}

  alarm_name        = "${aws_dynamodb_table.this[each.key].name}-SystemErrors"
  alarm_description = "DynamoDB answered requests on this table with an internal error (HTTP 500). Clients retry; look at the AWS Health Dashboard if it lasts."

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.alarm_thresholds.system_errors
  # FILL turns a minute that arrives late into a zero: five minutes are looked at, so that it still counts afterwards.
  evaluation_periods  = 5
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "errors"
    label       = "SystemErrors, all operations"
    expression  = "SUM(FILL(METRICS(), 0))"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.operations

    content {
      id = lower(metric_query.value)

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        period      = 60
        stat        = "Sum"
        dimensions = {
          TableName = aws_dynamodb_table.this[each.key].name
          Operation = metric_query.value
        }
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "throttle_events" {
  for_each = var.create_alarms ? local.throttle_alarms : {}

  alarm_name        = "${each.value.label}-${each.value.metric}"
  alarm_description = "Requests were throttled: a hot partition (3000 read or 1000 write units a second), growth faster than on-demand capacity follows, or the limit set by max_read_request_units or max_write_request_units."

  namespace           = "AWS/DynamoDB"
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.alarm_thresholds.throttle_events
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "transaction_conflict" {
  for_each = var.create_alarms ? local.tables : {}

  alarm_name        = "${aws_dynamodb_table.this[each.key].name}-TransactionConflict"
  alarm_description = "Many writers work on the same items at once, for example create children of one parent. Each conflict is retried and costs its capacity again."

  namespace           = "AWS/DynamoDB"
  metric_name         = "TransactionConflict"
  dimensions          = { TableName = aws_dynamodb_table.this[each.key].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.alarm_thresholds.transaction_conflicts
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "consumption_anomaly" {
  for_each = var.create_anomaly_alarms ? local.anomaly_alarms : {}

  alarm_name        = "${each.value.label}-${each.value.metric}-anomaly"
  alarm_description = "Consumption is far above what this hour of the week usually shows. CloudWatch learns the band from up to two weeks; expect noise before that."

  comparison_operator = "GreaterThanUpperThreshold"
  threshold_metric_id = "band"
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "band"
    label       = "Expected ${each.value.metric}"
    expression  = "ANOMALY_DETECTION_BAND(consumed, ${var.alarm_thresholds.anomaly_band})"
    return_data = true
  }

  metric_query {
    id          = "consumed"
    return_data = true

    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = each.value.metric
      dimensions  = each.value.dimensions
      period      = 300
      stat        = "Sum"
    }
  }
}

# --- The topic --------------------------------------------------------------------------------------------------------

resource "aws_sns_topic" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  name = "${local.name_prefix}-dynamodb-alarms"
  # Not the AWS managed key alias/aws/sns: CloudWatch may not use it, and its messages would be lost.
  # https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
  kms_master_key_id = var.alarm_topic_kms_key_arn
  tags              = local.tags
}

data "aws_iam_policy_document" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = aws_sns_topic.alarms[*].arn

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

resource "aws_sns_topic_policy" "alarms" {
  count = var.create_alarm_topic ? 1 : 0

  arn    = aws_sns_topic.alarms[0].arn
  policy = data.aws_iam_policy_document.alarms[0].json
}

# --- The dashboard ----------------------------------------------------------------------------------------------------

locals {
  # One row of five graphs for each table. A metric is written as its namespace, its name and its dimensions in turn;
  # a trailing object holds what is special about it.
  dashboard_rows = {
    for key, table in aws_dynamodb_table.this : key => [
      for graph in [
        {
          title   = "read units"
          stat    = "Sum"
          metrics = [for target in local.dashboard_targets[key] : concat(["AWS/DynamoDB", "ConsumedReadCapacityUnits"], target)]
        },
        {
          title   = "write units"
          stat    = "Sum"
          metrics = [for target in local.dashboard_targets[key] : concat(["AWS/DynamoDB", "ConsumedWriteCapacityUnits"], target)]
        },
        {
          title = "throttled"
          stat  = "Sum"
          metrics = flatten([
            for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] : [
              for target in local.dashboard_targets[key] : { value = concat(["AWS/DynamoDB", metric], target) }
            ]
          ])[*].value
        },
        {
          title = "latency (ms), p99"
          stat  = "p99"
          metrics = [
            for operation in local.operations :
            ["AWS/DynamoDB", "SuccessfulRequestLatency", "TableName", table.name, "Operation", operation]
          ]
        },
        {
          title = "errors and conflicts"
          stat  = "Sum"
          metrics = concat(
            [
              for operation in local.operations :
              ["AWS/DynamoDB", "SystemErrors", "TableName", table.name, "Operation", operation]
            ],
            [
              for metric in ["ConditionalCheckFailedRequests", "TransactionConflict"] :
              ["AWS/DynamoDB", metric, "TableName", table.name]
            ],
          )
        },
      ] : merge(graph, { title = "${key}: ${graph.title}" })
    ]
  }

  # The dimensions of a table and of each of its indexes, written as a dashboard wants them.
  dashboard_targets = {
    for key, table in local.tables : key => concat(
      [["TableName", aws_dynamodb_table.this[key].name]],
      [
        for name in keys(table.indexes) :
        ["TableName", aws_dynamodb_table.this[key].name, "GlobalSecondaryIndexName", name]
      ],
    )
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.create_dashboard ? 1 : 0

  dashboard_name = "${local.name_prefix}-dynamodb"
  dashboard_body = jsonencode({
    widgets = flatten([
      for row, key in keys(local.tables) : [
        for column, graph in local.dashboard_rows[key] : {
          type   = "metric"
          x      = column == 0 ? 0 : column * 5 - 1
          y      = row * 6
          width  = column == 0 ? 4 : 5
          height = 6
          properties = {
            title   = graph.title
            region  = data.aws_region.current.id
            view    = "timeSeries"
            period  = 60
            stat    = graph.stat
            metrics = graph.metrics
          }
        }
      ]
    ])
  })
}
