"""A function that works a queue off and writes to a bucket; a timer puts one message a night into the queue."""

import json

import pulumi
import pulumi_aws as aws

WORKER = """
import json, os, boto3

def handle(event, context):
    bucket = boto3.resource("s3").Bucket(os.environ["BUCKET"])
    for record in event["Records"]:
        bucket.put_object(Key=record["messageId"], Body=record["body"])
"""

bucket = aws.s3.Bucket("results", force_destroy=True)
aws.s3.BucketVersioning("results", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketServerSideEncryptionConfiguration(
    "results",
    bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
)

dead = aws.sqs.Queue("dead", message_retention_seconds=1209600)
queue = aws.sqs.Queue(
    "jobs",
    visibility_timeout_seconds=360,
    redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})),
)

role = aws.iam.Role(
    "worker",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
            ],
        }
    ),
)
aws.iam.RolePolicyAttachment(
    "queue",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
)
aws.iam.RolePolicy(
    "results",
    role=role.id,
    policy=aws.iam.get_policy_document_output(
        statements=[{"actions": ["s3:PutObject"], "resources": [bucket.arn.apply(lambda arn: f"{arn}/*")]}]
    ).json,
)
log = aws.cloudwatch.LogGroup("worker", name="/aws/lambda/night-worker", retention_in_days=14)
worker = aws.lambda_.Function(
    "worker",
    name="night-worker",
    runtime="python3.12",
    handler="worker.handle",
    role=role.arn,
    timeout=60,
    memory_size=256,
    code=pulumi.AssetArchive({"worker.py": pulumi.StringAsset(WORKER)}),
    environment={"variables": {"BUCKET": bucket.bucket}},
    opts=pulumi.ResourceOptions(depends_on=[log]),
)
aws.lambda_.EventSourceMapping("jobs", event_source_arn=queue.arn, function_name=worker.arn, batch_size=10)

night = aws.cloudwatch.EventRule("night", schedule_expression="cron(0 2 * * ? *)")
aws.cloudwatch.EventTarget("night", rule=night.name, arn=queue.arn, input=json.dumps({"job": "nightly"}))
aws.sqs.QueuePolicy(
    "jobs",
    queue_url=queue.url,
    policy=pulumi.Output.all(queue.arn, night.arn).apply(
        lambda arns: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": arns[0],
                        "Condition": {"ArnEquals": {"aws:SourceArn": arns[1]}},
                    }
                ],
            }
        )
    ),
)

pulumi.export("queue", queue.url)
pulumi.export("function", worker.arn)
