"""Whole clusters whose logs were cut back: restored from older disks, and after an unclean leader election."""
import signal

from support.broker import Broker
from support.cluster import Cluster
from support.cut_logs import Case, World


def test_a_restored_cluster_under_a_follower(forebay, tmp_path):
    """Its leader epochs are those of the lost records, and it has grown beyond the follower's position before the
    follower is connected again."""
    case = Case("restored")
    with Broker(tmp_path / "broker") as broker:
        world = World(broker, forebay, tmp_path)
        world.command(case, "topics", "apply")
        world.send(case, 100)
        world.copies.take_broker()
        world.send(case, 100)
        with world.follower(case) as follower:
            world.wait_for_rows(case, 200)
            follower.send(signal.SIGSTOP)
            world.copies.put_broker_back()
            world.send(case, 150)
            follower.send(signal.SIGCONT)
            ended = follower.wait(120)
        assert ended.status == 3 and f"--adopt-log {case.topic}:0" in ended.stderr, ended
        assert len(world.rows(case)) == 200
        world.land(case, "--adopt-log", f"{case.topic}:0")
        assert len(world.rows(case)) == 350
        report = world.command(case, "verify", "--json", "--content").json
        assert report["clean"], report["problems"]


def test_an_unclean_leader_election(forebay, tmp_path):
    """A replica that lags becomes the leader: the records that it never had are gone, and others take their offsets."""
    case = Case("unclean")
    with Cluster(tmp_path) as cluster:
        world = World(cluster, forebay, tmp_path)
        cluster.create_topic(case.topic, (2, 3))
        world.send(case, 100)
        cluster.wait_for_isr(case.topic, {2, 3})
        cluster.kill(3)
        cluster.wait_for_isr(case.topic, {2})
        world.send(case, 100)
        world.land(case)
        cluster.kill(2)
        cluster.start(3)
        cluster.wait_for_leader(case.topic, {3})
        world.send(case, 150)
        before = world.rows(case)
        assert len(before) == 200
        assert f"--adopt-log {case.topic}:0" in world.land(case, status=3).stderr
        world.land(case, "--adopt-log", f"{case.topic}:0")
        rows = world.rows(case)
        assert len(rows) == 350 and set(before) <= set(rows)
        report = world.command(case, "verify", "--json", "--content").json
        assert report["clean"], report["problems"]
        assert report["content"] == {"compared": 250, "gone": 100}
