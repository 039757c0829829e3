output "table_names" {
  description = "The names of the tables by their keys: projects, user_flows, high_level_requirements, low_level_requirements, test_cases, waitlist; in the single-table layout vishmaker."
  value       = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "table_arns" {
  description = "The ARNs of the tables by their keys."
  value       = { for key, table in aws_dynamodb_table.this : key => table.arn }
}

output "index_arns" {
  description = "The ARNs of the indexes by table key and index name."
  value = {
    for key, table in local.tables : key => {
      for name in keys(table.indexes) : name => "${aws_dynamodb_table.this[key].arn}/index/${name}"
    }
  }
}

output "stream_arns" {
  description = "The ARNs of the streams by table key; empty without stream_view_type."
  value       = { for key, table in aws_dynamodb_table.this : key => table.stream_arn if var.stream_view_type != null }
}

output "lambda_environment" {
  description = "The environment variables that a Lambda function needs to find the tables."
  value = merge(
    { for key, table in aws_dynamodb_table.this : "${upper(key)}_TABLE_NAME" => table.name },
    var.layout == "six-table" ? {} : { DYNAMODB_LAYOUT = var.layout },
  )
}

output "policy_documents" {
  description = "The IAM policy documents (JSON) by role: runtime, waitlist_admin, operations."
  value       = local.policy_documents
}

output "policy_arns" {
  description = "The ARNs of the managed policies by role; empty without create_iam_policies."
  value       = { for role, policy in aws_iam_policy.this : role => policy.arn }
}

output "alarm_topic_arn" {
  description = "The ARN of the topic made by create_alarm_topic, to subscribe to."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "dashboard_name" {
  description = "The name of the CloudWatch dashboard."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "projects_table_name" {
  description = "The name of the projects table."
  value       = try(aws_dynamodb_table.this["projects"].name, null)
}

output "projects_table_arn" {
  description = "The ARN of the projects table."
  value       = try(aws_dynamodb_table.this["projects"].arn, null)
}

output "user_flows_table_name" {
  description = "The name of the user flows table."
  value       = try(aws_dynamodb_table.this["user_flows"].name, null)
}

output "user_flows_table_arn" {
  description = "The ARN of the user flows table."
  value       = try(aws_dynamodb_table.this["user_flows"].arn, null)
}

output "high_level_requirements_table_name" {
  description = "The name of the high-level requirements table."
  value       = try(aws_dynamodb_table.this["high_level_requirements"].name, null)
}

output "high_level_requirements_table_arn" {
  description = "The ARN of the high-level requirements table."
  value       = try(aws_dynamodb_table.this["high_level_requirements"].arn, null)
}

output "low_level_requirements_table_name" {
  description = "The name of the low-level requirements table."
  value       = try(aws_dynamodb_table.this["low_level_requirements"].name, null)
}

output "low_level_requirements_table_arn" {
  description = "The ARN of the low-level requirements table."
  value       = try(aws_dynamodb_table.this["low_level_requirements"].arn, null)
}

output "test_cases_table_name" {
  description = "The name of the test cases table."
  value       = try(aws_dynamodb_table.this["test_cases"].name, null)
}

output "test_cases_table_arn" {
  description = "The ARN of the test cases table."
  value       = try(aws_dynamodb_table.this["test_cases"].arn, null)
}

output "waitlist_table_name" {
  description = "The name of the waitlist table."
  value       = try(aws_dynamodb_table.this["waitlist"].name, null)
}

output "waitlist_table_arn" {
  description = "The ARN of the waitlist table."
  value       = try(aws_dynamodb_table.this["waitlist"].arn, null)
}

output "vishmaker_table_name" {
  description = "The name of the one table of the single-table layout."
  value       = try(aws_dynamodb_table.this["vishmaker"].name, null)
}

output "vishmaker_table_arn" {
  description = "The ARN of the one table of the single-table layout."
  value       = try(aws_dynamodb_table.this["vishmaker"].arn, null)
}
