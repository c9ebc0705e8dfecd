"""Renders the chart in a folder with Helm's own engine, holds each manifest against Kubernetes' schemas, and prints them.

The arguments are the chart's folder and the values to override, as JSON. It needs helm-python-sdk, which carries Helm's Go
library, and kubernetes-validate, which carries the schemas.
"""

import json
import sys

import helm_python as helm
import kubernetes_validate
import yaml

OLDEST, NEWEST = "1.27", kubernetes_validate.latest_version()


def main() -> None:
    folder, values = sys.argv[1], json.loads(sys.argv[2])
    report = helm.lint(folder, values, strict=True)
    problems = [message for message in report["messages"] if message["severity"] > 1]
    if problems or report["errors"]:
        sys.exit(f"helm lint: {problems} {report['errors']}")
    manifests = []
    for path, text in sorted(helm.Chart.load(folder).render(values, name="magma", namespace="test").items()):
        for manifest in filter(None, yaml.safe_load_all(text)):
            for version in (OLDEST, NEWEST):
                try:
                    kubernetes_validate.validate(manifest, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    sys.exit(f"{path} against Kubernetes {version}: {error}")
            manifests.append(manifest)
    json.dump(manifests, sys.stdout)


main()
