"""The DynamoDB data layer of VishMaker."""
