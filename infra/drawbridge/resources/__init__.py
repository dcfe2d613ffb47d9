"""Dynamic resources: what no provider does well on every S3 store; boto3 is imported only when one of them works."""
