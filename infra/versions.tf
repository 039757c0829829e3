terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # From 5.80 one limit of on_demand_throughput may be set without the other. The module is written in what 5.x
      # and 6.x both understand: hash_key and range_key instead of key_schema (unknown to 5.x), and no use of a
      # region's `name` (deprecated in 6.x).
      version = ">= 5.80, < 7.0"
    }
  }
}
