"""Facts of releases: publish, rollback, clearing away, export."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from smap.cli.main import main
from smap.errors import FormatError, NotFoundError, SmapError, StorageError, UsageError
from smap.store import write_archive
from smap.store.clear import clear_workspace
from smap.store.export import export_release
from smap.store.publish import publish
from smap.store.release import ReleasedTileset, kept_releases, read_current, releasing, rollback

DEAD = 4_194_305  # above any process id that Linux gives


def built(home: Path, name: str, text: str, **more: Any) -> str:
    """A build in home/NAME/VERSION, the latest of its name; gives its version."""
    stage = home / name / "stage"
    stage.mkdir(parents=True)
    entries = {"tileset.json": json.dumps({"asset": {"version": "1.1"}, "extras": text}).encode()}
    write_archive(stage / f"{name}.3tz", [*entries.items(), ("layer.json", b"{}"), ("0/0.glb", b"glTF")])
    version = hashlib.sha256((stage / f"{name}.3tz").read_bytes()).hexdigest()[:12]
    manifest = {
        "name": name,
        "kind": "buildings",
        "version": version,
        "title": {"ko": "서울", "en": "Seoul"},
        "attribution": "© OpenStreetMap contributors, ODbL",
        "access": "public",
        "bbox": [126.7, 37.4, 127.2, 37.7],
        "terrain": None,
        **more,
    }
    (stage / "manifest.json").write_text(json.dumps(manifest))
    if (stage.parent / version).exists():
        for file in [*stage.iterdir()]:
            file.unlink()
        stage.rmdir()
    else:
        stage.rename(stage.parent / version)
    (stage.parent / "latest").write_text(f"{version}\n")
    return version


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "var"


def test_publishing_without_names_takes_the_newest_build_of_each(workspace: Path) -> None:
    built(workspace / "builds", "city", "old")
    new = built(workspace / "builds", "city", "new")
    other = built(workspace / "builds", "hills", "x", kind="terrain")
    release = publish(workspace, []).release
    assert [(item.name, item.version, item.entry) for item in release.tilesets] == [
        ("city", new, "tileset.json"),
        ("hills", other, "layer.json"),
    ]
    assert read_current(workspace) == release
    assert release.tilesets[0].path == f"builds/city/{new}/city.3tz"
    assert release.tilesets[0].title == {"ko": "서울", "en": "Seoul"}


def test_without_a_latest_the_build_written_last_is_newest(workspace: Path) -> None:
    old, new = (built(workspace / "builds", "city", text) for text in ("old", "new"))
    (workspace / "builds" / "city" / "latest").unlink()
    os.utime(workspace / "builds" / "city" / old / "manifest.json", ns=(1, 1))
    assert publish(workspace, []).release.tilesets[0].version == new


def test_a_name_with_a_version_publishes_that_one_and_keeps_the_others(workspace: Path) -> None:
    old = built(workspace / "builds", "city", "old")
    built(workspace / "builds", "city", "new")
    built(workspace / "builds", "hills", "x")
    publish(workspace, [])
    release = publish(workspace, [f"city@{old}"]).release
    assert [item.name for item in release.tilesets] == ["city", "hills"]
    assert release.tilesets[0].version == old
    assert release.previous is not None


def test_publishing_the_same_again_changes_nothing(workspace: Path) -> None:
    built(workspace / "builds", "city", "x")
    first = publish(workspace, [])
    again = publish(workspace, ["city"])
    assert (first.changed, again.changed) == (True, False)
    assert again.release == first.release
    assert publish(workspace, [], content="abc").release.content == "abc"
    assert publish(workspace, []).release.content == "abc"


def test_a_folder_from_elsewhere_is_copied_in(workspace: Path, tmp_path: Path) -> None:
    version = built(tmp_path / "out", "city", "x")
    release = publish(workspace, [str(tmp_path / "out" / "city" / version)]).release
    assert (workspace / release.tilesets[0].path).is_file()
    assert [path.name for path in (workspace / "builds" / "city").iterdir()] == [version]


def test_a_folder_whose_archive_is_not_what_its_manifest_says_is_refused(
    workspace: Path, tmp_path: Path
) -> None:
    version = built(tmp_path, "city", "x")
    write_archive(tmp_path / "city" / version / "city.3tz", [("tileset.json", b"{}")])
    with pytest.raises(FormatError, match="its manifest says"):
        publish(workspace, [str(tmp_path / "city" / version)])
    assert not (workspace / "builds").exists()


def test_a_workspace_that_is_not_there_is_not_made_by_publishing_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no folder"):
        publish(tmp_path / "elsewhere", [])
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_not_there_is_named_with_what_is(workspace: Path) -> None:
    version = built(workspace / "builds", "city", "x")
    for wanted in ("town", "city@0123456789ab", "../city"):
        with pytest.raises(NotFoundError, match=f"city@{version}"):
            publish(workspace, [wanted])
    with pytest.raises(NotFoundError, match="nothing to publish"):
        publish(workspace / "empty", [])


@pytest.mark.parametrize(
    "change", [{"name": "../city"}, {"version": ".."}, {"access": "all"}, {"bbox": [1]}, {"title": None}]
)
def test_a_manifest_that_lies_is_refused(workspace: Path, change: dict[str, Any]) -> None:
    version = built(workspace / "builds", "city", "x")
    path = workspace / "builds" / "city" / version / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FormatError, match=r"manifest\.json is damaged"):
        publish(workspace, ["city"])
    assert read_current(workspace) is None


def test_new_terrain_under_old_buildings_is_refused_unless_allowed(workspace: Path) -> None:
    ground = built(workspace / "builds", "hills", "old", kind="terrain")
    built(workspace / "builds", "city", "x", terrain={"name": "hills", "version": ground, "level": 13})
    publish(workspace, [])
    new = built(workspace / "builds", "hills", "new", kind="terrain")
    with pytest.raises(UsageError, match=f"city stands on hills@{ground}, not on {new}"):
        publish(workspace, ["hills"])
    published = publish(workspace, ["hills"], allow_stale=True)
    assert len(published.warnings) == 1
    assert published.release.tileset("hills").version == new  # type: ignore[union-attr]


def test_buildings_without_their_terrain_are_published_with_a_warning(workspace: Path) -> None:
    built(workspace / "builds", "city", "x", terrain={"name": "hills", "version": "0", "level": 13})
    assert publish(workspace, []).warnings == ("city stands on hills, which is not published",)


def test_the_era_of_a_build_is_published_and_one_without_is_of_every_era(workspace: Path) -> None:
    built(workspace / "builds", "gates", "x", kind="models", era="hanyang")
    built(workspace / "builds", "hills", "x", kind="terrain", era=None)
    built(workspace / "builds", "older", "x")
    release = publish(workspace, []).release
    assert {item.name: item.era for item in release.tilesets} == {
        "gates": "hanyang",
        "hills": None,
        "older": None,
    }
    assert read_current(workspace) == release


def test_what_a_build_depicts_is_published(workspace: Path) -> None:
    built(workspace / "builds", "stones", "x", kind="models", depicts="wall")
    built(workspace / "builds", "hills", "x", kind="terrain")
    release = publish(workspace, []).release
    assert {item.name: item.depicts for item in release.tilesets} == {"stones": "wall", "hills": None}
    assert read_current(workspace) == release


def test_a_release_that_was_written_before_there_were_eras_still_holds(workspace: Path) -> None:
    built(workspace / "builds", "city", "x")
    publish(workspace, [])
    path = next((workspace / "releases").glob("*.json"))
    document = json.loads(path.read_text())
    del document["tilesets"][0]["era"], document["tilesets"][0]["depicts"]
    path.write_text(json.dumps(document))
    current = read_current(workspace)
    assert current is not None
    assert current.tilesets[0].era is None


def test_new_terrain_under_old_models_is_refused_too(workspace: Path) -> None:
    old = built(workspace / "builds", "hills", "old", kind="terrain")
    built(workspace / "builds", "gates", "x", kind="models", terrain={"name": "hills", "version": old})
    publish(workspace, [])
    built(workspace / "builds", "hills", "new", kind="terrain")
    with pytest.raises(UsageError, match=f"gates stands on hills@{old}"):
        publish(workspace, ["hills"])


def test_rolling_back_goes_to_the_release_before_and_no_further_than_the_first(workspace: Path) -> None:
    built(workspace / "builds", "city", "old")
    first = publish(workspace, []).release
    built(workspace / "builds", "city", "new")
    second = publish(workspace, []).release
    assert rollback(workspace) == first
    assert read_current(workspace) == first
    with pytest.raises(NotFoundError, match="nothing to roll back to"):
        rollback(workspace)
    third = publish(workspace, []).release
    assert third.tilesets == second.tilesets
    assert [release.id for release in kept_releases(workspace)] == [third.id, second.id, first.id]


def test_a_publish_that_cannot_write_leaves_the_old_release(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(workspace / "builds", "city", "old")
    first = publish(workspace, []).release
    built(workspace / "builds", "city", "new")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        publish(workspace, [])
    assert read_current(workspace) == first
    assert [path.name for path in workspace.glob("**/*.part")] == []


def test_two_publishes_at_once_are_refused(workspace: Path) -> None:
    built(workspace / "builds", "city", "x")
    with releasing(workspace), pytest.raises(StorageError, match="another publish"):
        publish(workspace, [])


@pytest.mark.parametrize("text", ["", "../secret", "00009-none", "ü"])
def test_a_damaged_current_is_one_clear_line(workspace: Path, text: str) -> None:
    built(workspace / "builds", "city", "x")
    publish(workspace, [])
    (workspace / "current").write_text(text, encoding="utf-8")
    with pytest.raises(SmapError, match="publish again"):
        read_current(workspace)


def test_a_damaged_release_is_told_and_passed_over_among_the_kept(workspace: Path) -> None:
    built(workspace / "builds", "city", "x")
    release = publish(workspace, []).release
    (workspace / "releases" / f"{release.id}.json").write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        read_current(workspace)
    assert kept_releases(workspace) == []


def test_clearing_keeps_what_the_last_releases_and_the_newest_builds_need(workspace: Path) -> None:
    versions = []
    for text in "abcd":
        versions.append(built(workspace / "builds", "city", text))
        publish(workspace, [], content=text)
        (workspace / "content" / text).mkdir(parents=True)
    unpublished = built(workspace / "builds", "city", "e")
    for left in (
        f"builds/city/.city.{DEAD}.part",
        f"builds/city/.city.{os.getpid()}.part",
        f".x.{DEAD}.part",
    ):
        (workspace / left).mkdir()
    cleared = clear_workspace(workspace, keep=2)
    kept = {path.parent.name for path in (workspace / "builds").glob("*/*/manifest.json")}
    assert kept == {versions[2], versions[3], unpublished}
    assert len(kept_releases(workspace)) == 2
    assert sorted(path.name for path in (workspace / "content").iterdir()) == ["c", "d"]
    assert [path.name for path in workspace.glob("**/.*.part")] == [f".city.{os.getpid()}.part"]
    assert len(cleared.removed) == 2 + 2 + 2 + 2
    assert cleared.bytes > 0
    assert rollback(workspace).content == "c"
    with pytest.raises(NotFoundError):
        rollback(workspace)


def test_clearing_an_unpublished_workspace_keeps_every_newest_build(workspace: Path) -> None:
    built(workspace / "builds", "city", "x")
    assert clear_workspace(workspace).removed == ()


def test_an_export_is_the_public_tilesets_as_plain_files(workspace: Path, tmp_path: Path) -> None:
    city = built(workspace / "builds", "city", "x")
    hills = built(workspace / "builds", "hills", "x", kind="terrain")
    built(workspace / "builds", "secret", "x", access="staff")
    publish(workspace, [])
    exported = export_release(workspace, tmp_path / "out")
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert files == {
        f"{mount}/{name}"
        for mount in (f"tiles/city/{city}", f"terrain/hills/{hills}")
        for name in ("tileset.json", "layer.json", "0/0.glb")
    }
    assert json.loads((tmp_path / "out/tiles/city" / city / "tileset.json").read_bytes())["extras"] == "x"
    assert (exported.tilesets, exported.files) == (("city", "hills"), 6)
    with pytest.raises(UsageError, match="not empty"):
        export_release(workspace, tmp_path / "out")


def test_nothing_published_is_nothing_to_export(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="publish first"):
        export_release(workspace, tmp_path / "out")


def test_the_verbs_end_stdout_with_one_json_object(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = built(workspace / "builds", "city", "x")
    where = ["--workspace", str(workspace), "--json"]
    assert main(["publish", *where]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["tilesets"] == [{"name": "city", "version": version}]
    assert main(["export", str(tmp_path / "out"), *where]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["files"] == 3
    assert main(["gc", *where]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"removed": [], "bytes": 0}
    assert main(["rollback", *where]) == 2
    assert "nothing to roll back to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "mount"),
    [("buildings", "tiles"), ("models", "tiles"), ("terrain", "terrain"), ("basemap", "basemap")],
)
def test_a_tileset_has_the_address_of_its_kind(kind: str, mount: str) -> None:
    item = ReleasedTileset("a", kind, "1", "a.3tz", {}, "", (126.0, 37.0, 127.0, 38.0))
    assert item.mount == mount
