"""Amazon's APIs on loopback, as boto3 and the `aws` command see them; botocore is loaded with the first call."""
