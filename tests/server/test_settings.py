from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from smap.errors import UsageError
from smap.settings import Settings, environment_of, help_of, read_settings


def test_the_command_line_wins_over_the_environment_and_both_over_the_default() -> None:
    environ = {"SMAP_PORT": "9000", "SMAP_HOST": "0.0.0.0", "SMAP_ALLOWED_HOSTS": "a.example, b.example"}
    found = read_settings(environ, port=1234, host=None)
    assert (found.port, found.host, found.workers) == (1234, "0.0.0.0", 1)
    assert found.allowed_hosts == ("a.example", "b.example")


def test_settings_travel_to_workers_through_the_environment() -> None:
    given = Settings(workspace=Path("/srv/도시"), port=0, workers=3, trusted_proxies=("10.0.0.1", "10.0.0.2"))
    assert read_settings(environment_of(given)) == given


@pytest.mark.parametrize(
    "environ", [{"SMAP_PORT": "many"}, {"SMAP_PORT": "70000"}, {"SMAP_WORKERS": "0"}, {"SMAP_GRACE_S": "-1"}]
)
def test_a_bad_value_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"(?i)port|workers|grace"):
        read_settings(environ)


def test_every_setting_says_what_it_is_for() -> None:
    assert all(help_of(item.name) for item in fields(Settings))
