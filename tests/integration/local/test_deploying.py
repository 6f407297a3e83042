"""`make deploy` against moto, with a program in SAM's place that notes how it was called."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
from meterportal.domain.mailing.brands import Brand
from meterportal.store.mailing import brands
from meterportal.store.table import Table
from meterportal.usecases.mailing.show_look import KEY
from moto.cloudformation.models import cloudformation_backends

from infra.aws import deploy, stack
from infra.aws.site import keys
from infra.local.template import REGION, Template
from tests.support import clock, quick_moto

STACK = "meterportal-test"
ACCOUNT = "123456789012"
OLD_NAME = f"{STACK}-imports-{ACCOUNT}"
HOST = "zaehler.dealer.example"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b1c"
SAM = """\
#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
if sys.argv[1] == "build":
    made = pathlib.Path(sys.argv[sys.argv.index("--build-dir") + 1])
    made.mkdir(parents=True, exist_ok=True)
    (made / "template.yaml").write_text("built")
sys.exit((here / "fails").exists() and sys.argv[1] == "deploy")
"""


@dataclass(frozen=True)
class Workshop:
    """Where an installation is deployed from: its samconfig.toml, and what SAM was asked to do."""

    home: Path

    def configure(self, text: str) -> None:
        (self.home / "samconfig.toml").write_text(text, encoding="utf-8")

    @property
    def deployments(self) -> list[list[str]]:
        calls = [json.loads(line) for line in (self.home / "calls").read_text().splitlines()]
        return [call for call in calls if call[0] == "deploy"]

    def parameters(self, number: int = 0) -> dict[str, str]:
        """What SAM makes of the parameters: quotes around a value are its form, no part of it."""
        call = self.deployments[number]
        given = call[call.index("--parameter-overrides") + 1 :]
        return {name: value[1:-1] for name, _, value in (pair.partition("=") for pair in given)}


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    program = tmp_path / "sam"
    program.write_text(SAM.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(stack, "SAM", program)
    monkeypatch.setattr(stack, "CONFIG", tmp_path / "samconfig.toml")
    monkeypatch.setattr(stack, "ROOT", tmp_path)
    monkeypatch.setattr(stack, "RUNTIME", sys.version_info[:2])
    made = Workshop(tmp_path)
    made.configure(f"""
[default.global.parameters]
stack_name = "{STACK}"
region = "{REGION}"
[default.deploy.parameters.parameter_overrides]
PublicHost = "{HOST}"
CertificateArn = "{CERTIFICATE}"
""")
    with quick_moto.empty():
        yield made


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def an_index(name: str, projection: str = "ALL") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": f"{name}_pk", "KeyType": "HASH"},
            {"AttributeName": f"{name}_sk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": projection},
    }


LISTS, MACHINES = an_index("lists"), an_index("machines", "KEYS_ONLY")
"""What stacks of before the read model have."""
(_TABLE,) = Template.read().resources("AWS::DynamoDB::Table")
CHANGES = next(
    index
    for index in _TABLE.properties["GlobalSecondaryIndexes"]
    if index["IndexName"] == "changes"
)


def a_stack(
    *, imports: str | None = None, host: str = HOST, indexes: Any = (LISTS, MACHINES)
) -> None:
    """A deployed stack: its buckets, its table, its outputs."""
    distribution = client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "o.example"}]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        }
    )["Distribution"]
    keys = {key["AttributeName"] for index in indexes for key in index["KeySchema"]}
    names = sorted({"pk", "sk", *keys})
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in names]
    outputs = {
        "PublicUrl": f"https://{host}",
        "DistributionHost": "d111.cloudfront.net",
        "DistributionId": distribution["Id"],
        "DealerName": "Probe",
        "SiteBucketName": {"Ref": "SiteBucket"},
        "TableName": {"Ref": "Table"},
        "UserPoolId": "pool",
        "UserPoolClientId": "client",
        "LoginUrl": "https://login.example",
    }
    body = {
        "Resources": {
            "ImportBucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": imports} if imports else {},
            },
            "SiteBucket": {"Type": "AWS::S3::Bucket"},
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": attributes,
                    "KeySchema": [
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "sk", "KeyType": "RANGE"},
                    ],
                    **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
                },
            },
        },
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(body))


def site_keys() -> set[str]:
    bucket = stack.outputs(client("cloudformation"), STACK)["SiteBucketName"]
    listed = client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return {item["Key"] for item in listed}


def test_the_pages_are_published_whether_or_not_the_stack_has_changed(workshop: Workshop) -> None:
    a_stack()
    assert deploy.main([]) == 0
    assert set(keys()) <= site_keys()
    # Without it SAM ends with an error where nothing has changed.
    assert "--no-fail-on-empty-changeset" in workshop.deployments[0]


def test_a_section_that_names_only_its_stack_deploys_like_the_default(workshop: Workshop) -> None:
    a_stack()
    workshop.configure(f"""
[default.global.parameters]
stack_name = "meterportal"
region = "{REGION}"
[mueller.global.parameters]
stack_name = "{STACK}"
""")
    assert deploy.main(["mueller"]) == 0
    (call,) = workshop.deployments
    said = dict(pairwise(call))
    assert (said["--stack-name"], said["--region"]) == (STACK, REGION)
    assert (said["--capabilities"], said["--on-failure"]) == ("CAPABILITY_IAM", "DELETE")
    assert {"--resolve-s3", "--no-confirm-changeset"} <= set(call)


@pytest.mark.parametrize(
    "overrides",
    [
        '{ DealerName = "Büro Müller GmbH & Co. KG", LeadDays = 21 }',
        '["DealerName=Büro Müller GmbH & Co. KG", "LeadDays=21"]',
        """['DealerName="Büro Müller GmbH & Co. KG"', "LeadDays=21"]""",
        """['DealerName="Büro Müller GmbH & Co. KG" LeadDays=21']""",
        """'DealerName="Büro Müller GmbH & Co. KG" LeadDays=21'""",
        """'ParameterKey=DealerName,ParameterValue="Büro Müller GmbH & Co. KG" LeadDays=21'""",
    ],
)
def test_a_name_with_spaces_arrives_whole(workshop: Workshop, overrides: str) -> None:
    a_stack()
    workshop.configure(f"""
[default.deploy.parameters]
stack_name = "{STACK}"
region = "{REGION}"
parameter_overrides = {overrides}
""")
    assert deploy.main([]) == 0
    assert workshop.parameters() == {"DealerName": "Büro Müller GmbH & Co. KG", "LeadDays": "21"}


def test_without_a_host_of_its_own_it_is_deployed_again_under_cloudfronts(
    workshop: Workshop,
) -> None:
    a_stack(host=deploy.UNKNOWN_HOST)
    workshop.configure(f"""
[default.deploy.parameters]
stack_name = "{STACK}"
region = "{REGION}"
parameter_overrides = {{ DealerName = "Büro Müller" }}
""")
    assert deploy.main([]) == 0
    assert workshop.parameters(0) == {"DealerName": "Büro Müller"}
    assert workshop.parameters(1) == {
        "DealerName": "Büro Müller",
        "PublicHost": "d111.cloudfront.net",
    }


def test_a_bucket_whose_name_was_fixed_keeps_it(workshop: Workshop) -> None:
    a_stack(imports=OLD_NAME)
    assert deploy.main([]) == 0
    assert workshop.parameters()["ImportBucketName"] == OLD_NAME


def test_a_bucket_that_aws_named_and_a_new_stack_get_no_name(workshop: Workshop) -> None:
    a_stack()
    assert deploy.main([]) == 0
    assert "ImportBucketName" not in workshop.parameters()


def test_the_rest_of_a_failed_first_deployment_is_out_of_the_way(workshop: Workshop) -> None:
    a_stack(imports=OLD_NAME)
    cloudformation = client("cloudformation")
    _mark(STACK, "ROLLBACK_COMPLETE")
    with pytest.raises(cloudformation.exceptions.ClientError, match="does not exist"):
        # SAM, of which only the call is noted here, creates nothing: there are no outputs to publish.
        deploy.main([])
    assert "ImportBucketName" not in workshop.parameters()


def _mark(name: str, status: str) -> None:
    cloudformation_backends[ACCOUNT][REGION].get_stack(name).status = status


def test_nothing_is_published_when_sam_fails(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    a_stack()
    (workshop.home / "fails").touch()
    assert deploy.main([]) == 1
    assert "nothing was published" in capsys.readouterr().out
    assert site_keys() == set()


def test_what_the_dealer_put_under_brand_is_spared(workshop: Workshop) -> None:
    a_stack()
    bucket = stack.outputs(client("cloudformation"), STACK)["SiteBucketName"]
    for key in ("brand/logo.png", "portal-of-last-year.js"):
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    assert deploy.main([]) == 0
    assert "brand/logo.png" in site_keys()
    assert "portal-of-last-year.js" not in site_keys()


def test_a_look_from_before_this_version_comes_onto_the_site(workshop: Workshop) -> None:
    a_stack()
    found = stack.outputs(client("cloudformation"), STACK)
    assert deploy.main([]) == 0
    sheet = client("s3").get_object(Bucket=found["SiteBucketName"], Key=KEY)["Body"].read
    assert sheet() == b""
    table = Table(client("dynamodb"), found["TableName"])
    for write in brands.save(Brand(head="#f5c400"), by="s", at=clock.now()):
        table.write(write)
    assert deploy.main([]) == 0
    sheet = client("s3").get_object(Bucket=found["SiteBucketName"], Key=KEY)["Body"].read
    assert b"--brand: #f5c400" in sheet()


@pytest.mark.parametrize(
    ("indexes", "words"),
    [
        ((), "create lists, then create machines"),
        ((LISTS, an_index("old")), "create machines, then delete old"),
        ((LISTS, an_index("machines", "ALL")), "never changes its keys or its projection"),
    ],
)
def test_more_than_one_change_of_indexes_is_refused_with_the_order(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], indexes: Any, words: str
) -> None:
    a_stack(indexes=indexes)
    assert deploy.main([]) == 1
    assert words in capsys.readouterr().out
    assert not (workshop.home / "calls").exists()


@pytest.mark.parametrize(
    "indexes", [(LISTS, MACHINES), (MACHINES, CHANGES), (LISTS, MACHINES, CHANGES, an_index("old"))]
)
def test_one_change_of_indexes_is_deployed(workshop: Workshop, indexes: Any) -> None:
    a_stack(indexes=indexes)
    assert deploy.main([]) == 0


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            '{ DealersName = "x" }',
            "there is no parameter DealersName; known are AlarmAddress, Architecture, ",
        ),
        ('{ DealerName = "Müller\\nKG" }', "DealerName holds a sign"),
        ("{ DealerName = 'Müller\\' }", "DealerName holds a sign"),
        ('{ PublicHost = "zaehler.mueller.de" }', "needs CertificateArn"),
        ('["DealerName"]', "not of the form Name=value"),
        ("7", "neither a table nor a list"),
    ],
)
def test_what_cannot_be_deployed_is_said_before_anything_is_built(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], overrides: str, words: str
) -> None:
    workshop.configure(f"""
[default.deploy.parameters]
stack_name = "{STACK}"
region = "{REGION}"
parameter_overrides = {overrides}
""")
    assert deploy.main([]) == 1
    assert words in capsys.readouterr().out
    assert not (workshop.home / "calls").exists()


def test_an_unknown_section_is_named(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["nobody"]) == 1
    assert "[nobody.deploy.parameters]" in capsys.readouterr().out


def test_the_example_in_samconfig_can_be_filled_in(workshop: Workshop) -> None:
    """Its comment, without the signs that make it one."""
    text = (Path(__file__).parents[3] / "samconfig.toml").read_text(encoding="utf-8")
    example = text[text.index("# [name.global.parameters]") :]
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    workshop.configure("\n".join([text, *lines]).replace("meterportal-name", STACK))
    a_stack()
    assert deploy.main(["name"]) == 0
    assert workshop.parameters() == {
        "DealerName": "Büro Müller GmbH & Co. KG",
        "SenderAddress": "zaehler@your-domain.example",
    }
    assert set(workshop.parameters()) <= set(Template.read().document["Parameters"])
